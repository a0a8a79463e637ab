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
      "endpoints[0].extraPorts[0] has a key too many: target is not a known key; known are name, port, targetPort",
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

describe("endpoints", () => {
  test.each<[string, unknown, string]>([
    ["no list", "test", "endpoints must be a list of at least one endpoint; got test"],
    ["an empty list", [], "endpoints must be a list of at least one endpoint; got an empty list"],
    ["no object", ["test.example.com"], "endpoints[0] must be an object; got test.example.com"],
    ["no domain", [{ namespace: "a" }], "endpoints[0].domain must be text; got nothing"],
    [
      "a wildcard as domain",
      one({ domain: "*.example.com" }),
      "endpoints[0].domain must be a host name, not a wildcard; got *.example.com",
    ],
    [
      "a bad Unicode name",
      one({ domain: "über_mut.example.com" }),
      "endpoints[0].domain must consist of letters, digits and inner hyphens between dots: xn--ber_mut-m2a.example.com (über_mut.example.com); got über_mut.example.com",
    ],
    [
      "a key that is no word",
      one({ selector: { "app.kubernetes.io/name": 1 } }),
      'endpoints[0].selector["app.kubernetes.io/name"] must be text; got 1',
    ],
    [
      "a Unicode name outside the zones",
      one({ domain: "bücher.example.org" }),
      "endpoints[0].domain must lie in one of the zones example.com, example.net; got xn--bcher-kva.example.org (bücher.example.org)",
    ],
    [
      "an alias outside the zones",
      one({ aliases: ["a.example.org"] }),
      "endpoints[0].aliases[0] must lie in one of the zones example.com, example.net; got a.example.org",
    ],
    [
      "the same name twice",
      [endpoint, { ...endpoint, serviceName: "b" }],
      "endpoints[1].domain must be a name of its own: endpoints[0].domain has it too; got test.example.com",
    ],
    [
      "a name under a wildcard",
      [...one({ aliases: ["*.example.com"] }), { domain: "b.c.example.com", namespace: "x" }],
      "endpoints[0].domain must not lie under a wildcard: endpoints[0].aliases[0] is *.example.com; got test.example.com",
    ],
    [
      "a load balancer's name that is taken",
      [
        { domain: "a.b.example.com", namespace: "x" },
        { domain: "a-b.example.com", namespace: "y" },
      ],
      "endpoints[1].domain must give a load balancer's name of its own: endpoints[0].domain has it too; got private-lb-prod-a-b",
    ],
    [
      "a load balancer's name too long",
      one({ domain: `${"a".repeat(50)}.example.com` }),
      `endpoints[0].domain must give a load balancer's name of at most 63 characters; got private-lb-prod-${"a".repeat(50)} (66)`,
    ],
    [
      "a Service that is taken",
      [
        ...one({ serviceName: "same" }),
        { ...endpoint, domain: "b.example.com", serviceName: "same" },
      ],
      "endpoints[1].serviceName must be a Service of its own: endpoints[0].serviceName has it too; got ops-tools/same",
    ],
    [
      "a Service name from a digit",
      one({ domain: "1pass.example.com" }),
      "endpoints[0].serviceName must be set: the name made from the domain is none for a Service, which has at most 63 characters and begins with a letter; got 1pass-lb-private",
    ],
    [
      "its own network again",
      one({ alsoFrom: [{ network: "production", domain: "b.example.com" }] }),
      "endpoints[0].alsoFrom[0].network must be a network of its own: network has it too; got production",
    ],
    [
      "too many networks",
      one({
        alsoFrom: Array.from({ length: 8 }, (_, i) => ({
          network: `n${i}`,
          domain: `n${i}.example.com`,
        })),
      }),
      "endpoints[0].alsoFrom must name at most 7 networks: a load balancer has at most 8, the own one among them; got 8",
    ],
    [
      "a Unicode name twice",
      one({ aliases: ["bücher.example.com", "xn--bcher-kva.example.com"] }),
      "endpoints[0].aliases[1] must be a name of its own: endpoints[0].aliases[0] has it too; got xn--bcher-kva.example.com (bücher.example.com)",
    ],
    [
      "a Unicode name under a wildcard",
      one({ aliases: ["*.bücher.example.com", "a.bücher.example.com"] }),
      "endpoints[0].aliases[1] must not lie under a wildcard: endpoints[0].aliases[0] is *.xn--bcher-kva.example.com (*.bücher.example.com); got a.xn--bcher-kva.example.com (a.bücher.example.com)",
    ],
    [
      "a label that is too long",
      one({ aliases: [`${"a".repeat(64)}.example.com`] }),
      `endpoints[0].aliases[0] must have at most 63 characters between two dots; got ${"a".repeat(60)}…`,
    ],
    [
      "a name that is too long",
      one({ aliases: [`${"a.".repeat(130)}example.com`] }),
      `endpoints[0].aliases[0] must have at most 253 characters; got ${"a.".repeat(30)}…`,
    ],
    [
      "a name without room for its challenge",
      one({ aliases: [`${"a.".repeat(114)}example.com`] }),
      `endpoints[0].aliases[0] must have at most 237 characters, as _acme-challenge. is to stand before it; got ${"a.".repeat(114)}example.com (239)`,
    ],
    [
      "an address twice in a network",
      [
        { ...endpoint, address: "172.16.8.9" },
        { ...endpoint, domain: "b.example.com", address: "172.16.8.9" },
      ],
      "endpoints[1].address must be an address of its own: endpoints[0].address has it too; got 172.16.8.9 in production",
    ],
    [
      "no address",
      one({ address: "172.16.8.0/22" }),
      "endpoints[0].address must be an IPv4 address; got 172.16.8.0/22",
    ],
    [
      "port 443 again",
      one({ extraPorts: [{ name: "a", port: 443 }] }),
      "endpoints[0].extraPorts[0].port must be a port of its own: the endpoint's own port https has it too; got 443",
    ],
    [
      "the port name https again",
      one({ extraPorts: [{ name: "https", port: 81 }] }),
      "endpoints[0].extraPorts[0].name must be a name of its own: the endpoint's own port https has it too; got https",
    ],
    [
      "a port out of range",
      one({ targetPort: 70000 }),
      "endpoints[0].targetPort must be a port, 1 to 65535; got 70000",
    ],
    [
      "an extra port out of range",
      one({ extraPorts: [{ name: "a", port: 0 }] }),
      "endpoints[0].extraPorts[0].port must be a port, 1 to 65535; got 0",
    ],
    [
      "an extra port twice",
      one({
        extraPorts: [
          { name: "a", port: 81 },
          { name: "b", port: 81 },
        ],
      }),
      "endpoints[0].extraPorts[1].port must be a port of its own: endpoints[0].extraPorts[0].port has it too; got 81",
    ],
    [
      "a malformed range",
      one({ sourceRanges: ["172.16.0.0"] }),
      "endpoints[0].sourceRanges[0] must be an IPv4 range in CIDR notation, such as 172.16.0.0/22; got 172.16.0.0",
    ],
    [
      "a public range",
      one({ sourceRanges: ["0.0.0.0/0"] }),
      "endpoints[0].sourceRanges[0] must be a private range, within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10; got 0.0.0.0/0",
    ],
    [
      "HTTP/3 with tcp",
      one({ backendProtocol: "tcp", http3: true }),
      "endpoints[0].http3 must be false where the backend protocol is tcp; got true",
    ],
    [
      "HTTP in passthrough",
      one({ tls: "passthrough", backendProtocol: "http" }),
      "endpoints[0].backendProtocol must be tcp where tls is passthrough; got http",
    ],
    [
      "an unknown policy",
      one({ networkPolicy: "none" }),
      "endpoints[0].networkPolicy must be network, load-balancer or off; got none",
    ],
    [
      "an unknown key type",
      one({ keyType: "rsa1024" }),
      "endpoints[0].keyType must be one of ec256, ec384, rsa2048, rsa4096; got rsa1024",
    ],
    [
      "an empty selector",
      one({ selector: {} }),
      "endpoints[0].selector must name at least one label; got an object",
    ],
  ])("%s", (_, endpoints, expected) => {
    expect(faults(endpoints)).toContain(expected);
  });
});

describe("names for the profile", () => {
  const aliases = (count: number) => Array.from({ length: count }, (_, i) => `n${i}.example.com`);

  test.each([
    ["classic", 100],
    ["tlsserver", 25],
    ["shortlived", 25],
    [undefined, 100],
  ])("%s are at most %i", (profile, max) => {
    expect(faults(one({ profile, aliases: aliases(max - 1) }))).toEqual([]);
    expect(faults(one({ profile, aliases: aliases(max) }))).toEqual([
      `endpoints[0] must have at most ${max} names, by the ACME profile ${profile ?? "classic"}; got ${max + 1}`,
    ]);
  });

  test("are no matter where no certificate is got by ACME", () => {
    const many = { profile: "shortlived", aliases: aliases(60) };
    expect(faults(one({ ...many, tls: "passthrough" }))).toEqual([]);
  });
});
