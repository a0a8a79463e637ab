/** What a change of the cluster does, as Pulumi 3.260 and its Kubernetes plugin do it to the same program. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunResult } from "../../operate/stackRunner.ts";
import { only, reach, standing, succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

function moveTo(stack: Stack, environment: string): void {
  stack.configure((settings) => {
    settings["private-lb:network"] = environment;
    settings["private-lb:kubeContext"] = environment;
  });
}

/** Where the stack's Service and NetworkPolicy are. */
async function whereabouts(stack: Stack): Promise<string[]> {
  const name = `${stack.domain("moving").split(".")[0]}-lb-private`;
  const { "Service or NetworkPolicy": objects = [] } = await stage.world.leftovers();
  return objects.filter((object) => object.endsWith(`/${name}`)).sort();
}

/** `<operation> <type>`, in order, without default providers. */
const operations = ({ steps }: RunResult): string[] =>
  steps
    .filter(({ internal }) => !internal)
    .map(({ op, type }) => `${op} ${type.split(":").at(-1)}`);

describe("an environment that moves to another cluster and network", () => {
  test("has its Service and NetworkPolicy made anew there, and deleted where they were", async () => {
    const stack = await standing(stage, "moving");
    const before = await only(stack);
    moveTo(stack, "preproduction");
    const preview = await succeed(stack.runner.preview());
    const moved = await succeed(stack.runner.up());
    const found = operations(moved);
    for (const seen of [operations(preview), found])
      expect(
        seen.filter((operation) => /^(create|update|delete|replace) /.test(operation)).sort(),
      ).toEqual([
        "create Ip",
        "create PrivateNetwork",
        "delete Ip",
        "delete PrivateNetwork",
        "replace NetworkPolicy",
        "replace Service",
        "replace kubernetes",
        "update DnsRecord",
        "update FrontendCertificate",
        "update Preflight",
      ]);
    for (const pair of [
      ["create-replacement kubernetes", "create-replacement NetworkPolicy"],
      ["delete-replaced Service", "create-replacement Service"],
      ["create-replacement Service", "delete-replaced NetworkPolicy"],
      ["update FrontendCertificate", "delete PrivateNetwork"],
      ["delete-replaced NetworkPolicy", "delete-replaced kubernetes"],
    ])
      expect(found.filter((operation) => pair.includes(operation))).toEqual(pair);
    expect(await whereabouts(stack)).toEqual([
      expect.stringContaining("preproduction: NetworkPolicy"),
      expect.stringContaining("preproduction: Service"),
    ]);
    const after = await only(stack);
    expect(after.loadBalancerId).toBe(before.loadBalancerId);
    expect(after.serial).toBe(before.serial);
    expect((await reach(stage, stack.domain("moving"), "preproduction")).status).toBe(200);
  });
});
