import { describe, expect, test } from "vitest";
import { endpoint, faults, one } from "./configuration.ts";

describe("settings", () => {
  test.each<[string, unknown, string]>([
    ["environment", undefined, "environment must be text; got nothing"],
    [
      "environment",
      "Prod",
      "environment must consist of lower-case letters, digits and inner hyphens, and begin with a letter; got Prod",
    ],
    ["zone", "paris", "zone must be a Scaleway zone, such as fr-par-1; got paris"],
    ["network", undefined, "network must be text; got nothing"],
    ["kubeContext", undefined, "kubeContext must be text; got nothing"],
    [
      "acmeDirectory",
      "http://ca.example",
      "acmeDirectory must be letsencrypt, letsencrypt-staging or an https URL; got http://ca.example",
    ],
    ["acmeEmail", "platform", "acmeEmail must be an e-mail address; got platform"],
    ["dnsZones", [], "dnsZones must name at least one zone; got a list"],
    ["dnsZones", "example.com", "dnsZones must be a list; got example.com"],
    [
      "allowLetsEncryptProduction",
      "yes",
      "allowLetsEncryptProduction must be true or false; got yes",
    ],
    [
      "rehearse",
      "staging",
      "rehearse must be auto, never, letsencrypt, letsencrypt-staging or an https URL; got staging",
    ],
    [
      "rehearse",
      "letsencrypt",
      "rehearse must be another directory than acmeDirectory, auto or never; got letsencrypt",
    ],
    ["protect", "yes", "protect must be in-production, always or never; got yes"],
    ["propagationTimeout", 0, "propagationTimeout must be at least one second; got 0"],
    ["frontendTimeout", 1.5, "frontendTimeout must be a whole number of seconds; got 1.5"],
  ])("%s %s: %s", (key, value, expected) => {
    expect(faults([endpoint], { [key]: value })).toContain(expected);
  });

  test.each(["12", "1w", "0h"])("renewalInterval is a duration, and not %j", (renewalInterval) => {
    const [fault, ...others] = faults([endpoint], { renewalInterval });
    expect(fault).toMatch(/^renewalInterval must be /);
    expect(others).toEqual([]);
  });

  test.each(["1/1", "0%", "100%", "soon"])("renewBefore is no %j", (renewBefore) => {
    expect(faults(one({ renewBefore }))).toEqual([
      `endpoints[0].renewBefore must be a duration, such as 90m, 12h or 21d, or a share of the lifetime between 0 and 1, such as 1/3 or 40%; got ${renewBefore}`,
    ]);
  });

  test("shortlived certificates want a run a day", () => {
    const shortlived = one({ profile: "shortlived" });
    expect(faults(shortlived, { renewalInterval: "24h" })).toEqual([]);
    expect(faults(shortlived, { renewalInterval: "25h" })).toEqual([
      "endpoints[0].profile must not be shortlived where renewalInterval is longer than a day; got a renewalInterval of 25h",
    ]);
    expect(faults(one({ profile: "classic" }), { renewalInterval: "7d" })).toEqual([]);
  });

  test("a zone is named once", () => {
    expect(
      faults([endpoint], { dnsZones: [{ name: "example.com" }, { name: "example.com" }] }),
    ).toEqual(["dnsZones[1] must be named once: dnsZones[0] has it too; got example.com"]);
  });

  test("Let's Encrypt's production directory outside production needs an explicit opt-in", () => {
    const staging = { environment: "staging" };
    expect(faults([endpoint], staging)).toEqual([
      "acmeDirectory must be letsencrypt-staging in staging, or allowLetsEncryptProduction be true: its limits are shared with production; got letsencrypt",
    ]);
    expect(faults([endpoint], { ...staging, allowLetsEncryptProduction: true })).toEqual([]);
    const byUrl = { ...staging, acmeDirectory: "https://acme-v02.api.letsencrypt.org/directory" };
    expect(faults([endpoint], byUrl)).toHaveLength(1);
  });
});

describe("keys that are not known", () => {
  test.each<[unknown, Record<string, unknown>, string]>([
    [[endpoint], { kubecontext: "x" }, "kubecontext is not a known key; did you mean kubeContext?"],
    [
      one({ targetport: 8080 }),
      {},
      "endpoints[0].targetport is not a known key; did you mean targetPort?",
    ],
    [
      one({ extraPorts: [{ name: "a", port: 81, target: 81 }] }),
      {},
      "endpoints[0].extraPorts[0] has a key too many: target is not a known key; known are name, port, targetPort, proxyProtocol",
    ],
    [
      one({ alsoFrom: [{ netwrk: "monitoring", domain: "a.example.com" }] }),
      {},
      "endpoints[0].alsoFrom[0] has a key too many: netwrk is not a known key; did you mean network?",
    ],
  ])("%# are refused, with the nearest one", (endpoints, more, expected) => {
    expect(faults(endpoints, more)).toContain(expected);
  });
});
