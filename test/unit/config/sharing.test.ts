import { expect, test } from "vitest";
import { faults, read } from "./configuration.ts";

/** Endpoints `a`, `b`, … of example.com on the load balancer tools, on ports from 443 on. */
const sharing = (...each: object[]) =>
  each.map((more, i) => ({
    ...{ domain: `${"abc"[i]}.example.com`, namespace: "ops-tools" },
    ...{ loadBalancer: "tools", port: 443 + i, ...more },
  }));
const monitoring = (label: string, address?: string) => ({
  alsoFrom: [{ network: "monitoring", domain: `${label}-mon.example.com`, address }],
});

test("endpoints that share a load balancer have its name, and each its port", () => {
  const { endpoints } = read([
    ...sharing({}, {}),
    { domain: "c.example.com", namespace: "ops-tools", port: 8443 },
  ]);
  expect(endpoints.map(({ loadBalancerName, port }) => [loadBalancerName, port])).toEqual([
    ["private-lb-prod-tools", 443],
    ["private-lb-prod-tools", 444],
    ["private-lb-prod-c", 8443],
  ]);
});

test.each<[string, object[]]>([
  ["nothing but the name in common", sharing({}, { keyType: "rsa2048", timeouts: { server: 60 } })],
  ["the same networks, in which their names differ", sharing(monitoring("a"), monitoring("b"))],
  ["the same addresses", sharing({ address: "172.16.8.9" }, { address: "172.16.8.9" })],
  [
    "the same addresses in other networks",
    sharing(monitoring("a", "172.16.12.9"), monitoring("b", "172.16.12.9")),
  ],
  [
    "a level of TLS where only one ends it",
    sharing({ tlsCompatibility: "modern" }, { tls: "passthrough" }),
  ],
])("endpoints may share a load balancer with %s", (_, endpoints) => {
  expect(faults(endpoints)).toEqual([]);
});

const AS = "must be as in endpoints[0], which shares the load balancer tools";
test.each<[string, object[], string]>([
  [
    "a name that is none",
    sharing({ loadBalancer: "Tools_1" }),
    "endpoints[0].loadBalancer must be a name of lower-case letters, digits and inner hyphens; got Tools_1",
  ],
  [
    "a name that is too long",
    sharing({ loadBalancer: "a".repeat(50) }),
    `endpoints[0].loadBalancer must give a load balancer's name of at most 63 characters; got private-lb-prod-${"a".repeat(50)} (66)`,
  ],
  [
    "the name of another's own load balancer",
    [...sharing({}), { domain: "tools.example.com", namespace: "ops-tools" }],
    "endpoints[0].loadBalancer must give a load balancer's name of its own: endpoints[1].domain has it too; got private-lb-prod-tools",
  ],
  [
    "a port that is none",
    sharing({ port: 0 }),
    "endpoints[0].port must be a port, 1 to 65535; got 0",
  ],
  [
    "the same port",
    sharing({}, { port: 443 }),
    "endpoints[1].port must be a port of its own on the load balancer tools: endpoints[0].port has it too; got 443",
  ],
  [
    "an extra port that is another's port",
    sharing({ port: 8443 }, { extraPorts: [{ name: "x", port: 8443 }] }),
    "endpoints[1].extraPorts[0].port must be a port of its own on the load balancer tools: endpoints[0].port has it too; got 8443",
  ],
  [
    "the same extra port",
    sharing(
      { extraPorts: [{ name: "x", port: 81 }] },
      {},
      { extraPorts: [{ name: "y", port: 81 }] },
    ),
    "endpoints[2].extraPorts[0].port must be a port of its own on the load balancer tools: endpoints[0].extraPorts[0].port has it too; got 81",
  ],
  [
    "its own port as an extra port",
    sharing({ port: 8443, extraPorts: [{ name: "x", port: 8443 }] }),
    "endpoints[0].extraPorts[0].port must be a port of its own: the endpoint's own port https has it too; got 8443",
  ],
  [
    "another type",
    sharing({}, { loadBalancerType: "LB-GP-M" }),
    `endpoints[1].loadBalancerType ${AS}: LB-S; got LB-GP-M`,
  ],
  [
    "another level of TLS",
    sharing({ tlsCompatibility: "modern" }, {}),
    `endpoints[1].tlsCompatibility ${AS}: modern; got intermediate`,
  ],
  [
    "another address",
    sharing({ address: "172.16.8.9" }, {}),
    `endpoints[1].address ${AS}: 172.16.8.9; got nothing`,
  ],
  [
    "a network that not all name",
    sharing({}, monitoring("b")),
    `endpoints[1].alsoFrom ${AS}: nothing; got monitoring`,
  ],
  [
    "another address in another network",
    sharing(monitoring("a", "172.16.12.9"), monitoring("b")),
    `endpoints[1].alsoFrom ${AS}: monitoring (172.16.12.9); got monitoring`,
  ],
  [
    "an address that another load balancer has",
    [
      ...sharing({ address: "172.16.8.9" }, { address: "172.16.8.9" }),
      { domain: "c.example.com", namespace: "ops-tools", address: "172.16.8.9" },
    ],
    "endpoints[2].address must be an address of its own: endpoints[0].address has it too; got 172.16.8.9 in production",
  ],
])("a shared load balancer is refused for %s", (_, endpoints, expected) => {
  expect(faults(endpoints)).toEqual([expected]);
});
