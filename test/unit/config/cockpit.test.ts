import { describe, expect, test } from "vitest";
import { COCKPIT_RULES } from "../../../config/cockpit.ts";
import { faults, one, read } from "./configuration.ts";

const alerts = (cockpitAlerts: unknown) => ({ cockpitAlerts });
const email = "ops@example.com";

describe("Cockpit's alerts", () => {
  test.each([undefined, {}])("are off with %j", (value) => {
    expect(read(one({}), alerts(value)).cockpitAlerts).toBeUndefined();
  });

  test("have all rules unless some are named", () => {
    const rules = Object.keys(COCKPIT_RULES);
    expect(read(one({}), alerts({ email })).cockpitAlerts).toEqual({ email, rules });
    const some = { email, rules: ["high-cpu"] };
    expect(read(one({}), alerts(some)).cockpitAlerts).toEqual(some);
  });

  test.each([
    ["no address", { rules: ["high-cpu"] }, "email must be an e-mail address"],
    ["no such address", { email: "ops" }, "email must be an e-mail address"],
    ["a rule that there is not", { email, rules: ["cold"] }, "rules 0 must be one of backend-down"],
    ["no rule", { email, rules: [] }, "rules must name at least one rule"],
    ["another key", { email, emails: [] }, "has a key too many: emails is not"],
    ["no object", "ops@example.com", "expected object"],
  ])("are refused with %s", (_, value, says) => {
    const [fault, ...others] = faults(one({}), alerts(value));
    expect(others).toEqual([]);
    expect(fault).toMatch(/^cockpitAlerts\b/);
    expect(fault).toContain(says);
  });
});
