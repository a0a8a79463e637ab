/** Trouble that ends a run before anything is done: keys, tokens and names that nothing answers to. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Env } from "../../sandbox/world/envFile.ts";
import type { StackSettings } from "../../sandbox/world/stackFile.ts";
import { changes, reach, standing, succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

let stage: Stage;
let stack: Stack;
beforeAll(async () => {
  stage = await startStage();
  stack = await standing(stage, "well");
});
afterAll(() => stage?.close());

interface Trouble {
  title: string;
  env?: Env;
  edit?: (settings: StackSettings) => void;
  /** What the only error has: where, what was seen, and what to do. */
  error: RegExp[];
}

const TROUBLES: Trouble[] = [
  {
    title: "a wrong Cloudflare token",
    env: { CLOUDFLARE_API_TOKEN: "x".repeat(40) },
    error: [/dnsZones\[0\]\.name could not be looked up/, /40[0-9]/, /check CLOUDFLARE_API_TOKEN/],
  },
  {
    title: "a wrong Scaleway key",
    env: { SCW_SECRET_KEY: "00000000-0000-4000-8000-000000000000" },
    error: [/network could not be looked up/, /401/, /check SCW_ACCESS_KEY, SCW_SECRET_KEY/],
  },
  {
    title: "a DNS zone that is missing",
    edit: (settings) => {
      settings["private-lb:dnsZones"] = [{ name: "example.net" }, { name: "example.dev" }];
    },
    error: [
      /dnsZones\[1\]\.name/,
      /there are example\.com, example\.net, example\.org/,
      /got example\.dev/,
    ],
  },
  {
    title: "a kube context that is none",
    edit: (settings) => {
      settings["private-lb:kubeContext"] = "stagin";
    },
    error: [/kubeContext must be/, /there are .*production.* staging/, /got stagin/],
  },
  {
    title: "a kubeconfig that is not there",
    env: { KUBECONFIG: "/nowhere/kubeconfig" },
    error: [/kubeContext could not be/, /no kubeconfig at \/nowhere\/kubeconfig/, /set KUBECONFIG/],
  },
  {
    title: "a network that is gone",
    edit: (settings) => {
      const peer = { network: "gone", domain: stack.domain("peer") };
      for (const endpoint of settings["private-lb:endpoints"]) endpoint["alsoFrom"] = [peer];
    },
    error: [/endpoints\[0\]\.alsoFrom\[0\]\.network/, /there are .*staging/, /got gone/],
  },
];

describe.each(TROUBLES)("with $title", ({ env = {}, edit = () => {}, error }) => {
  test("a run ends in one error that says where, what was seen and what to do; nothing is touched", async () => {
    const before = readFileSync(stack.stateFile, "utf8");
    let settings: StackSettings | undefined;
    stack.configure((current) => {
      settings = structuredClone(current);
      edit(current);
    });
    const failed = await stack.with(env).up({ continueOnError: true });
    stack.configure((current) => Object.assign(current, settings));
    expect(failed.ok).toBe(false);
    expect(failed.errors).toHaveLength(1);
    for (const part of error) expect(failed.errors[0]).toMatch(part);
    expect(resourcesOf(readFileSync(stack.stateFile, "utf8"))).toEqual(resourcesOf(before));
    expect((await reach(stage, stack.domain("well"))).status).toBe(200);
  });
});

test("the next run without the cause has nothing to do", async () => {
  expect(changes(await succeed(stack.runner.up()))).toEqual([]);
});

/** By URN, the id. */
function resourcesOf(state: string): Record<string, string> {
  const { deployment, checkpoint } = JSON.parse(state);
  const { resources } = deployment ?? checkpoint.latest;
  return Object.fromEntries(resources.map(({ urn, id }: { urn: string; id: string }) => [urn, id]));
}
