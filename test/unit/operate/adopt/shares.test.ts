/** What each of several Services has of one load balancer. */
import { describe, expect, test } from "vitest";
import { type DeclaredEndpoint, declaredEndpoints } from "../../../../operate/adopt/declared.ts";
import { propose } from "../../../../operate/adopt/proposal.ts";
import { type Share, sharesOf, type Whole } from "../../../../operate/adopt/shares.ts";
import {
  balancer,
  DOMAIN,
  foundByHand,
  frontend,
  record,
  service,
  settings,
  UID,
} from "./found.ts";

const OTHER = "other.example.com";

function named(name: string, port: number, uid: string) {
  const made = service({ ports: [{ port, targetPort: 80 }] });
  Object.assign(made.metadata ?? {}, { name, uid });
  return { service: made, hasPolicy: false };
}

/** `test` on 443, its frontend renamed, and `other` on 8443, its frontend as the CCM made it. */
async function both(more: Partial<Whole> = {}): Promise<Whole> {
  const found = await foundByHand();
  const [certificate] = found.certificates;
  if (!certificate) throw new Error("there is a certificate");
  return {
    ...found,
    frontends: [
      frontend(),
      frontend({
        ...{ id: "f2", name: "uid2_tcp_8443", inboundPort: 8443 },
        certificateIds: ["certificate-2"],
      }),
    ],
    certificates: [certificate, { ...certificate, id: "certificate-2", commonName: OTHER }],
    services: [named("test-lb-private", 443, UID), named("other-lb-private", 8443, "uid2")],
    records: [record(DOMAIN), record(OTHER)],
    ...more,
  };
}

const parts = (whole: Whole, declared: DeclaredEndpoint[] = []) =>
  sharesOf(whole, settings, declared);

const ids = (list: { id: string }[]) => list.map(({ id }) => id);

const summary = (share: Share) => ({
  port: share.port,
  frontends: ids(share.frontends),
  certificates: ids(share.certificates),
  records: share.records.map(({ name }) => name),
  sharedAs: share.sharedAs,
});

const proposed = (share: Share) =>
  propose(share, settings, { stack: "private-lb.prod", now: new Date() });

describe("a load balancer of two Services", () => {
  test("is one for each, with what is its own, under the name that the load balancer has", async () => {
    expect(parts(await both()).map(summary)).toEqual([
      {
        ...{ port: 443, frontends: ["frontend"], certificates: ["certificate"] },
        ...{ records: [DOMAIN], sharedAs: "test" },
      },
      {
        ...{ port: 8443, frontends: ["f2"], certificates: ["certificate-2"] },
        ...{ records: [OTHER], sharedAs: "test" },
      },
    ]);
  });

  test("is proposed with the ports and the common name, and keeps its own", async () => {
    const [first, second] = parts(await both()).map(proposed);
    expect(first?.endpoint).toMatchObject({ domain: DOMAIN, loadBalancer: "test" });
    expect(first?.endpoint).not.toHaveProperty("port");
    expect(second?.endpoint).toMatchObject({ domain: OTHER, loadBalancer: "test", port: 8443 });
    expect([first?.rename?.to, second?.rename]).toEqual([`${UID}_tcp_443`, undefined]);
    expect([first?.changes, second?.changes].flat().join()).not.toContain("renamed from");
  });

  test.each([
    ["private-lb-prod-tools", "tools"],
    ["private-lb-private-prod-tools", "tools"],
    ["Tools of QA", "tools-of-qa"],
    ["…", "shared"],
  ])("called %s is shared as %s", async (name, sharedAs) => {
    const whole = await both({ balancer: balancer({ name }) });
    expect(parts(whole).map((each) => each.sharedAs)).toEqual([sharedAs, sharedAs]);
  });

  test("at one port is taken over for neither", async () => {
    const services = [named("test-lb-private", 443, UID), named("other", 443, "uid2")];
    const [one, ...more] = parts(await both({ services }));
    expect(more).toEqual([]);
    expect(one && proposed(one).obstacles).toEqual([
      "2 Services of the cluster name it at port 443, not one",
    ]);
  });
});

describe("what the stack file declares", () => {
  const declare = (...endpoints: object[]) =>
    declaredEndpoints(
      endpoints.map((each) => ({ namespace: "ops-tools", ...each })),
      settings,
    );

  test("counts for the Service that it names: port, names and load balancer", async () => {
    const alias = "alias.example.com";
    const declared = declare(
      { domain: DOMAIN, loadBalancer: "tools", aliases: [alias] },
      {
        domain: "renamed.example.com",
        serviceName: "other-lb-private",
        loadBalancer: "tools",
        port: 8443,
      },
    );
    const shares = parts(await both(), declared);
    expect(shares.map(({ port, sharedAs }) => [port, sharedAs])).toEqual([
      [443, "tools"],
      [8443, "tools"],
    ]);
    const [first, second] = shares.map(proposed);
    expect([first?.endpoint, second?.endpoint]).toEqual([
      { domain: DOMAIN },
      { domain: "renamed.example.com" },
    ]);
    expect(first?.changes.join("\n")).toContain(`An A record ${alias} is made`);
  });

  test("of passthrough needs no certificate, and names its further networks", async () => {
    const alsoFrom = [{ network: "monitoring", domain: OTHER }];
    const declared = declare({ domain: DOMAIN, tls: "passthrough", alsoFrom });
    const { attachments } = await foundByHand();
    const [share] = parts(
      await foundByHand({
        attachments: [
          ...attachments,
          { networkId: "pn2", networkName: "monitoring", addressId: "ip2", address: "172.16.12.2" },
        ],
        ...{ frontends: [], certificates: [], records: [record(OTHER, "172.16.12.2")] },
      }),
      declared,
    );
    const { changes, existing } = share ? proposed(share) : {};
    expect(changes?.join()).not.toContain("certificate is issued");
    expect(Object.keys(existing?.networks ?? {})).toEqual(["production", "monitoring"]);
    expect(Object.keys(existing?.records ?? {})).toEqual([OTHER]);
  });

  test("without sharing what two Services name is told, with what to set", async () => {
    const [first] = parts(await both(), declare({ domain: DOMAIN }));
    expect(first && proposed(first).obstacles.join()).toMatch(
      /does not have test\.example\.com share it: set the same loadBalancer for each, such as test/,
    );
  });

  test("with a fault is left for the program to tell of", () => {
    expect(declare({ domain: "no name" }, { domain: DOMAIN })).toHaveLength(1);
  });
});
