import { describe, expect, test } from "vitest";
import { type ProposalOptions, propose } from "../../../../operate/adopt/proposal.ts";
import type { Found } from "../../../../operate/adopt/survey.ts";
import {
  balancer,
  DOMAIN,
  foundByHand,
  frontend,
  record,
  SCALEWAY,
  service,
  settings,
  UID,
} from "./found.ts";

const proposed = (found: Found, more: Partial<ProposalOptions> = {}) =>
  propose(found, settings, { stack: "private-lb.prod", now: new Date(), ...more });

const MONITORING = {
  ...{ networkId: "pn2", networkName: "monitoring", addressId: "ip2", address: "172.16.12.2" },
};
const PEER = "test.monitoring.example.com";

describe("an endpoint made by the guide", () => {
  test("is declared with what differs from the defaults alone", async () => {
    expect(proposed(await foundByHand()).endpoint).toEqual({
      ...{ domain: DOMAIN, namespace: "ops-tools", backendProtocol: "tcp", networkPolicy: "off" },
    });
  });

  test("is imported whole, by the ids that the plugins take", async () => {
    const found = await foundByHand();
    expect(proposed(found).existing).toEqual({
      loadBalancer: "fr-par-1/lb",
      networks: { production: { address: "fr-par/ip", attachment: "fr-par-1/lb/pn" } },
      service: "ops-tools/test-lb-private",
      records: { [DOMAIN]: `zone/record-of-${DOMAIN}` },
      certificate: { id: "fr-par-1/certificate", chain: found.chain },
    });
  });

  test("needs its frontend's name back, if the CCM does not know it", async () => {
    const foreign = proposed(await foundByHand()).rename;
    expect(foreign).toMatchObject({ to: `${UID}_tcp_443`, frontend: { id: "frontend" } });
    const frontends = [frontend({ name: `${UID}_tcp_443` })];
    expect(proposed(await foundByHand({ frontends })).rename).toBeUndefined();
  });

  test("keeps load balancer, address, Service, record and certificate, in words", async () => {
    const { keeps } = proposed(await foundByHand());
    expect(keeps.map((line) => line.split(" ", 1)[0])).toEqual([
      ...["load", "address", "Service", "A", "certificate"],
    ]);
  });
});

describe("what the Service and its frontend say", () => {
  test("goes into the endpoint", async () => {
    const own = service({
      selector: { app: "test" },
      ports: [
        { port: 443, targetPort: "web" },
        { name: "plain", port: 81, targetPort: 8081 },
      ],
      loadBalancerSourceRanges: ["10.0.0.0/8"],
    });
    Object.assign(own.metadata ?? {}, { name: "elsewhere" });
    const found = await foundByHand({
      services: [{ service: own, hasPolicy: true }],
      frontends: [frontend({ backend: { forwardProtocol: "http" } as never, enableHttp3: false })],
      balancer: balancer({ type: "lb-gp-m" }),
    });
    expect(proposed(found).endpoint).toEqual({
      ...{ domain: DOMAIN, namespace: "ops-tools", selector: { app: "test" }, targetPort: "web" },
      extraPorts: [{ name: "plain", port: 81, targetPort: 8081 }],
      ...{ serviceName: "elsewhere", loadBalancerType: "LB-GP-M", http3: false },
      sourceRanges: ["10.0.0.0/8"],
    });
    expect(proposed(found).existing?.networkPolicy).toBe("ops-tools/elsewhere");
  });

  const annotated = async (annotations: Record<string, string>) => {
    const own = service();
    for (const [suffix, value] of Object.entries(annotations))
      Object.assign(own.metadata?.annotations ?? {}, { [`${SCALEWAY}${suffix}`]: value });
    return proposed(await foundByHand({ services: [{ service: own, hasPolicy: false }] }));
  };

  test("of how connections are treated is declared, and stays", async () => {
    const { endpoint, changes } = await annotated({
      "timeout-client": "1m30s",
      "timeout-server": "5m",
      "health-check-delay": "2s",
      "health-check-max-retries": "3",
      "connection-rate-limit": "50",
      "sticky-sessions": "table",
    });
    expect(endpoint).toMatchObject({
      timeouts: { client: 90, server: 300 },
      healthCheck: { delay: 2, maxRetries: 3 },
      connectionRateLimit: 50,
      stickySessions: "table",
    });
    expect(changes.join()).not.toContain("does not say");
  });

  test("of the level of TLS is declared, and stays", async () => {
    const level = "ssl_compatibility_level_modern" as const;
    const found = await foundByHand({ balancer: balancer({ sslCompatibilityLevel: level }) });
    expect(proposed(found).endpoint).toMatchObject({ tlsCompatibility: "modern" });
  });

  test.each([
    ["proxy-protocol-v2", "443"],
    ["timeout-client", "1500ms"],
    ["timeout-tunnel", "48h"],
    ["connection-rate-limit", "0"],
  ])("and that the setting does not say is named before it goes: %s %s", async (suffix, value) => {
    const { changes } = await annotated({ [suffix]: value });
    expect(changes.join("\n")).toContain(`annotations ${suffix}, which its setting does not say`);
  });
});

describe("names", () => {
  test("of further networks and aliases are declared where the certificate has them", async () => {
    const { attachments } = await foundByHand();
    const found = await foundByHand(
      {
        attachments: [MONITORING, ...attachments],
        records: [record(PEER, MONITORING.address), record("alias.example.com"), record(DOMAIN)],
      },
      [DOMAIN, PEER, "alias.example.com"],
    );
    const { endpoint, existing } = proposed(found);
    expect(endpoint).toMatchObject({
      ...{ domain: DOMAIN, aliases: ["alias.example.com"] },
      alsoFrom: [{ network: "monitoring", domain: PEER }],
    });
    expect(Object.keys(existing?.networks ?? {}).sort()).toEqual(["monitoring", "production"]);
    expect(Object.keys(existing?.records ?? {}).sort()).toEqual(
      [DOMAIN, PEER, "alias.example.com"].sort(),
    );
  });

  test("that the certificate lacks are left alone, and so are networks without one", async () => {
    const { attachments } = await foundByHand();
    const found = await foundByHand({
      attachments: [...attachments, MONITORING],
      records: [record(DOMAIN), record("alias.example.com"), record(PEER, MONITORING.address)],
    });
    const { endpoint, existing, notes } = proposed(found);
    expect(endpoint).not.toHaveProperty("aliases");
    expect(endpoint).not.toHaveProperty("alsoFrom");
    expect(Object.keys(existing?.networks ?? {})).toEqual(["production"]);
    expect(notes.filter((note) => /not declared/.test(note))).toHaveLength(3);
  });

  test.each<[string, Partial<Found>]>([
    ["the frontend's, if it was renamed", { records: [] }],
    ["else the certificate's", { frontends: [frontend({ name: `${UID}_tcp_443` })], records: [] }],
    ["else the only record's", { frontends: [], certificates: [], chain: undefined }],
  ])("the domain is %s", async (_, more) => {
    expect(proposed(await foundByHand(more)).endpoint?.domain).toBe(DOMAIN);
  });
});

describe("a certificate that cannot be taken over", () => {
  test.each<[string, Partial<Found>, RegExp]>([
    ["is not seen", { chain: undefined, withoutChain: "not reachable" }, /not reachable/],
    ["lacks the domain", {}, /test\.example\.com is missing/],
    ["is not there", { frontends: [], certificates: [], chain: undefined }, /there is none/],
  ])("%s: a new one is issued, and said so", async (what, more, reason) => {
    const names = what === "lacks the domain" ? ["other.example.com"] : [DOMAIN];
    const { existing, changes } = proposed(await foundByHand(more, names));
    expect(existing).toBeDefined();
    expect(existing).not.toHaveProperty("certificate");
    const [issued] = changes.filter((line) => line.startsWith("A new certificate is issued"));
    expect(issued).toMatch(reason);
  });

  test("has expired: likewise", async () => {
    const later = new Date(Date.now() + 91 * 86_400_000);
    expect(proposed(await foundByHand(), { now: later }).existing).not.toHaveProperty(
      "certificate",
    );
  });
});

describe("a load balancer is not adopted", () => {
  test.each<[string, Partial<Found>, RegExp]>([
    ["that is public", { balancer: balancer({ ip: [{ id: "ip" } as never] }) }, /public address/],
    ["of this stack", { balancer: balancer({ tags: ["stack=private-lb.prod"] }) }, /this stack's/],
    ["of another stack", { balancer: balancer({ tags: ["stack=private-lb.x"] }) }, /private-lb\.x/],
    ["outside the network", { attachments: [MONITORING] }, /not attached to .* production/],
    ["without a Service", { services: [] }, /no Service/],
    [
      "with two Services",
      { services: [1, 2].map(() => ({ service: service(), hasPolicy: false })) },
      /2 Services/,
    ],
    [
      "whose Service has no port 443",
      { services: [{ service: service({ ports: [{ port: 80 }] }), hasPolicy: false }] },
      /no port 443/,
    ],
    ["with two records of a name", { records: [record(DOMAIN), record(DOMAIN)] }, /several A/],
    [
      "without a name in the zones",
      { frontends: [frontend({ name: "test.example.dev" })], certificates: [], records: [] },
      /its domain cannot be told/,
    ],
  ])("%s", async (_, more, obstacle) => {
    const { obstacles, endpoint, existing } = proposed(await foundByHand(more));
    expect(obstacles.join("\n")).toMatch(obstacle);
    expect({ endpoint, existing }).toEqual({});
  });
});

describe("where the stack's state is lost", () => {
  const marked = (stack: string) =>
    foundByHand({
      balancer: balancer({ tags: [`domain=${DOMAIN}`, `stack=${stack}`] }),
      // By neither could its domain be told.
      frontends: [frontend({ name: `${UID}_tcp_443` })],
      records: [record(DOMAIN), record("alias.example.com")],
    });

  test("what bears its mark is taken over under the domain of the mark, as it is", async () => {
    const { obstacles, endpoint, existing, changes } = proposed(await marked("private-lb.prod"), {
      isStateLost: true,
    });
    expect(obstacles).toEqual([]);
    expect(endpoint?.domain).toBe(DOMAIN);
    expect(existing?.certificate?.id).toBe("fr-par-1/certificate");
    expect(changes.filter((line) => /tags|comment|name with the end/.test(line))).toEqual([]);
  });

  test("what bears another stack's mark is left alone", async () => {
    const { obstacles } = proposed(await marked("private-lb.staging"), { isStateLost: true });
    expect(obstacles).toEqual(["it belongs to the stack private-lb.staging"]);
  });
});
