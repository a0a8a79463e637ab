import { describe, expect, test } from "vitest";
import { type Found, findLeftovers } from "../../../operate/leftovers.ts";
import { leftoversText } from "../../../operate/leftoversCommand.ts";

const BALANCER = "scaleway:loadbalancers/loadBalancer:LoadBalancer";
const IP = "scaleway:ipam/ip:Ip";
const urn = (type: string, name: string) => `urn:pulumi:prod::private-lb::${type}::${name}`;
const preflight = (domain: string) => ({
  urn: urn("pulumi-nodejs:dynamic/lb:Preflight", domain),
  type: "pulumi-nodejs:dynamic/lb:Preflight",
  id: domain,
  outputs: { domain },
});
const balancer = (id: string): Found => ({
  ...{ kind: "load balancer", type: BALANCER, name: "private-lb-prod-test", id },
  remove: `delete ${id}`,
});
const creating = (type: string, name: string) => ({
  type: "creating",
  resource: { urn: urn(type, name), type },
});

function find(
  deployment: object,
  found: Record<string, Found[]>,
): ReturnType<typeof findLeftovers> {
  const runner = { exportState: async () => ({ version: 3, deployment }) };
  return findLeftovers(runner, "prod", async ({ domain }) => found[domain] ?? []);
}

describe("what bears a stack's mark", () => {
  test("and is in its state is no leftover", async () => {
    const resources = [
      preflight("a.example.com"),
      { urn: urn(BALANCER, "a.example.com"), type: BALANCER, id: "fr-par-1/1" },
    ];
    const { leftovers } = await find(
      { resources },
      { "a.example.com": [balancer("fr-par-1/1"), balancer("fr-par-1/2")] },
    );
    expect(leftovers).toEqual([balancer("fr-par-1/2")]);
  });

  test("and was there before the run that was to take it over is no leftover", async () => {
    const adopted = ["1", "tools/a"];
    const outputs = { domain: "a.example.com", adopted };
    const service = { ...balancer("tools/a"), kind: "Service", type: "kubernetes:core/v1:Service" };
    const { leftovers } = await find(
      { resources: [{ ...preflight("a.example.com"), outputs }] },
      { "a.example.com": [balancer("fr-par-1/1"), balancer("fr-par-1/2"), service] },
    );
    expect(leftovers).toEqual([balancer("fr-par-1/2")]);
  });

  test("is taken into the state as the creation that a killed run has begun", async () => {
    const { leftovers, pending } = await find(
      {
        resources: [preflight("a.example.com"), preflight("b.example.com")],
        pending_operations: [
          creating(BALANCER, "a.example.com"),
          creating(IP, "b.example.com-staging"),
          { ...creating(BALANCER, "b.example.com"), type: "updating" },
        ],
      },
      { "a.example.com": [balancer("fr-par-1/1")], "b.example.com": [balancer("fr-par-1/2")] },
    );
    const begun = urn(BALANCER, "a.example.com");
    expect(leftovers.map(({ adopt }) => adopt)).toEqual([
      `pulumi refresh --stack prod --import-pending-creates '${begun}' --import-pending-creates 'fr-par-1/1'`,
      undefined,
    ]);
    expect(pending).toEqual([begun, urn(IP, "b.example.com-staging")]);
  });

  test("is left to a person where it could be either of two creations", async () => {
    const { leftovers } = await find(
      {
        resources: [preflight("a.example.com")],
        pending_operations: [
          creating(IP, "a.example.com-staging"),
          creating(IP, "a.example.com-monitoring"),
        ],
      },
      { "a.example.com": [{ ...balancer("fr-par/1"), type: IP }] },
    );
    expect(leftovers).toEqual([{ ...balancer("fr-par/1"), type: IP }]);
  });
});

test("the list names what it is, both ways to be rid of it, and how to settle the creations", () => {
  const text = leftoversText("prod", {
    leftovers: [{ ...balancer("fr-par-1/1"), adopt: "adopt it" }],
    pending: ["urn:x"],
  });
  expect(text.split("\n")).toEqual([
    "leftovers of prod: 1",
    "load balancer private-lb-prod-test (fr-par-1/1)",
    "  take it into the state:  adopt it",
    "  delete it:               delete fr-par-1/1",
    "Creations that a killed run has begun:",
    "  urn:x",
    "When what they made is taken into the state or deleted: pulumi refresh --stack prod --clear-pending-creates",
  ]);
  expect(leftoversText("prod", { leftovers: [], pending: [] })).toBe("leftovers of prod: none");
});
