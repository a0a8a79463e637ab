import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ruleTime, statusAt, VALID } from "../../../certificate/renewal.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = new Date("2026-11-21T00:00:00Z");
const validFor = (lifetime: number) => ({
  notBefore: start,
  notAfter: new Date(start.getTime() + lifetime),
});

describe("a certificate is due", () => {
  it.each([
    ["90 days", 90 * DAY, 60 * DAY],
    ["45 days", 45 * DAY, 30 * DAY],
    ["64 days", 63 * DAY, 42 * DAY],
    ["just over 10 days", 10 * DAY + 3000, (10 * DAY + 3000) * (2 / 3)],
    ["10 days", 10 * DAY, 5 * DAY],
    ["160 hours", 160 * HOUR, 80 * HOUR],
    ["40 seconds", 40_000, 20_000],
  ])("of %s: after two thirds, or half of 10 days or less", (_, lifetime, expected) => {
    expect(ruleTime(validFor(lifetime)).getTime() - start.getTime()).toBe(expected);
  });

  const lifetimes = fc.integer({ min: HOUR, max: 366 * DAY });

  it("between half and two thirds of any lifetime, so always before it ends", () => {
    fc.assert(
      fc.property(lifetimes, (lifetime) => {
        const at = ruleTime(validFor(lifetime)).getTime() - start.getTime();
        expect(at).toBeGreaterThanOrEqual(Math.floor(lifetime / 2));
        expect(at).toBeLessThanOrEqual(Math.ceil((lifetime * 2) / 3));
        expect(at).toBeLessThan(lifetime);
      }),
    );
  });

  it("once and then for good: valid, then renewal due, then expired", () => {
    fc.assert(
      fc.property(lifetimes, fc.integer({ min: 0, max: 400 * DAY }), (lifetime, age) => {
        const validity = validFor(lifetime);
        const due = ruleTime(validity);
        const now = new Date(start.getTime() + age);
        const status = statusAt(validity, now, { renewalInterval: 1 });
        if (now < due) expect(status).toBe(VALID);
        else if (now < validity.notAfter) expect(status).toMatch(/^renewal due \(expires /);
        else expect(status).toMatch(/^expired \(/);
      }),
    );
  });
});

describe("the status says when it expires", () => {
  it.each([
    ["by the day", 90 * DAY, 89 * DAY, "renewal due (expires 2027-02-19)"],
    [
      "by the minute when it is short",
      160 * HOUR,
      100 * HOUR,
      "renewal due (expires 2026-11-27T16:00Z)",
    ],
    ["also afterwards", 90 * DAY, 91 * DAY, "expired (2027-02-19)"],
  ])("%s", (_, lifetime, age, expected) => {
    const validity = validFor(lifetime);
    const now = new Date(start.getTime() + age);
    expect(statusAt(validity, now)).toBe(expected);
  });
});
