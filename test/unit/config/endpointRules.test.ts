import { describe, expect, test } from "vitest";
import { endpoint, faults, one } from "./configuration.ts";

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
