import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Inventory } from "../../components/inventory.ts";
import { announceLoadBalancers, loadBalancerChange } from "../../components/loadBalancerCount.ts";
import { configOf } from "./configuration.ts";

function balanced(endpoints: Record<string, string>, loadBalancer?: string) {
  const all = Object.entries(endpoints).map(([label, loadBalancerType], i) => ({
    ...{ domain: `${label}.example.com`, namespace: "ops-tools", loadBalancerType },
    ...(loadBalancer && { loadBalancer, port: 8443 + i }),
  }));
  return configOf(all);
}

const [A, B, C] = ["private-lb-prod-a", "private-lb-prod-b", "private-lb-prod-c"] as const;

describe("a preview", () => {
  test.each<[Record<string, string>, string[], string[], string | undefined]>([
    [{ a: "LB-S" }, [A], [], undefined],
    [{ a: "LB-S" }, [], [], `adds 1 load balancer (LB-S): ${A}`],
    [{ b: "LB-S", a: "LB-S" }, [], [], `adds 2 load balancers (LB-S): ${A}, ${B}`],
    [{ a: "LB-S", b: "LB-GP-M" }, [], [], `adds 2 load balancers (LB-GP-M, LB-S): ${A}, ${B}`],
    [{ a: "LB-S" }, [C, B, A], [], `removes 2 load balancers: ${B}, ${C}`],
    [{ a: "LB-S" }, [C], [], `adds 1 load balancer (LB-S): ${A}; it removes 1 load balancer: ${C}`],
    [{ a: "LB-S", b: "LB-S" }, [], ["a.example.com"], `adds 1 load balancer (LB-S): ${B}`],
  ])("of %j beside %j and imported %j says %s", (endpoints, existing, imported, expected) => {
    const said = loadBalancerChange(balanced(endpoints), imported, existing);
    expect(said).toBe(expected && `This change ${expected}.`);
  });
});

test("a preview counts a load balancer once that several endpoints share", () => {
  const config = balanced({ a: "LB-S", b: "LB-S" }, "tools");
  const said = "This change adds 1 load balancer (LB-S): private-lb-prod-tools.";
  expect(loadBalancerChange(config, [], [])).toBe(said);
  expect(loadBalancerChange(config, [], ["private-lb-prod-tools"])).toBeUndefined();
  expect(loadBalancerChange(config, ["b.example.com"], [])).toBeUndefined();
});

describe("what is announced", () => {
  afterEach(() => vi.restoreAllMocks());

  async function announced(
    isPreview: boolean,
    loadBalancers: Inventory["loadBalancers"],
  ): Promise<string[]> {
    await pulumi.runtime.setMocks(
      { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
      "private-lb",
      "prod",
      isPreview,
    );
    const info = vi.spyOn(pulumi.log, "info").mockResolvedValue();
    await announceLoadBalancers(balanced({ a: "LB-S" }), [], { loadBalancers });
    return info.mock.calls.map(([message]) => message);
  }

  test("is of a preview, which asks for what carries the stack's tag", async () => {
    const asked: string[][] = [];
    const said = await announced(true, async (...which) => {
      asked.push(which);
      return [];
    });
    expect(said).toEqual([`This change adds 1 load balancer (LB-S): ${A}.`]);
    expect(asked).toEqual([["fr-par-1", "stack=private-lb.prod"]]);
  });

  test("is nothing, and nothing is asked, when a run makes what its preview has said", async () => {
    const none = () => Promise.reject(new Error("asked"));
    expect(await announced(false, none)).toEqual([]);
  });

  test("is that it could not be seen, where the API refuses, and no failure", async () => {
    const said = await announced(true, () => Promise.reject(new Error("403 forbidden")));
    expect(said).toEqual(["How many load balancers this adds could not be seen: 403 forbidden"]);
  });
});
