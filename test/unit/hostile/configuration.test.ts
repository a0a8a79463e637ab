/** Whatever a stack's configuration holds, it is read whole or refused with every fault by path. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeFault } from "../../../config/faults.ts";
import { ConfigurationError, readStackConfig } from "../../../config/stackConfig.ts";
import { CLUELESS, fuzz, hostile, mutated } from "../../fuzzing.ts";

const sound = {
  ...{ environment: "prod", network: "production", kubeContext: "production" },
  ...{ acmeDirectory: "letsencrypt", acmeEmail: "platform@example.com", rehearse: "auto" },
  dnsZones: [{ name: "example.com", id: "0".repeat(32) }, { name: "example.net" }],
  acmeExternalAccountBinding: { keyId: "kid", hmacKey: "aG1hYw" },
  endpoints: [
    {
      ...{ domain: "test.example.com", namespace: "ops-tools", aliases: ["*.test.example.com"] },
      alsoFrom: [{ network: "monitoring", domain: "test.example.net", address: "172.16.12.9" }],
      ...{ address: "172.16.8.9", selector: { app: "x" }, targetPort: 8080, http3: true },
      extraPorts: [{ name: "ssh", port: 22, targetPort: 2222 }],
      sourceRanges: ["172.16.0.0/12"],
    },
  ],
};

/** @returns every fault, or none for a configuration that was read */
function faultsOf(values: Record<string, string>): string[] {
  try {
    readStackConfig(values);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.map(describeFault);
    throw error;
  }
}

const asGiven = (values: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values as object).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );

function expectClear(faults: string[]): void {
  for (const fault of faults) {
    expect(fault).toMatch(/^[\w"[\]. ]|^$/u);
    expect(fault).not.toMatch(CLUELESS);
    expect(fault).not.toMatch(/[^\P{Cc}\n]/u);
    expect(fault.length).toBeLessThan(3000);
  }
}

describe("a configuration", () => {
  it("that is sound is read", () => {
    expect(faultsOf(asGiven(sound))).toEqual([]);
  });

  const parts = mutated(sound).filter((value) => typeof value === "object" && value !== null);
  fuzz("with any part replaced is read, or refused by path", parts, (values) => {
    expectClear(faultsOf(asGiven(values)));
  });

  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    hostile.map((value) => JSON.stringify(value) ?? ""),
  );
  fuzz(
    "of any keys and texts is refused by path",
    fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(sound)), fc.string()), text),
    (values) => {
      const faults = faultsOf(values);
      expect(faults.length).toBeGreaterThan(0);
      expectClear(faults);
    },
  );

  it.each([
    ["lists in lists", "[", "]"],
    ["objects in objects", '{"a":', "}"],
  ])("of a hundred thousand %s is refused", (_, open, close) => {
    const deep = `${open.repeat(1e5)}1${close.repeat(1e5)}`;
    for (const key of ["endpoints", "dnsZones", "acmeExternalAccountBinding"])
      expectClear(faultsOf({ ...asGiven(sound), [key]: deep }));
  });

  it("with a key of a megabyte is refused at once", () => {
    const before = process.cpuUsage();
    const [first] = faultsOf({ ...asGiven(sound), ["k".repeat(2 ** 20)]: "x" });
    expect(first?.length).toBeLessThan(3000);
    expect(process.cpuUsage(before).user).toBeLessThan(3_000_000);
  });

  it("changes no prototype", () => {
    faultsOf({ ...asGiven(sound), endpoints: '[{"__proto__": {"polluted": 1}}]' });
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});
