import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createClient } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scalewaySettings } from "../../dynamic/environment.ts";
import type { FinishedStep } from "../../operate/stackRunner.ts";
import { changes, only, reach, standing, succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

const SECONDS = 12;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ default: 90 * 86_400, classic: 90 * 86_400, brief: SECONDS });
});
afterAll(() => stage.close());

const changed = (steps: FinishedStep[]) =>
  steps.filter(({ op, internal }) => op !== "same" && op !== "refresh" && !internal);

/** Resolves when the certificate of the stack's one endpoint has come to `share` of its life. */
async function aged({ runner }: Stack, share: number): Promise<void> {
  const { endpoints } = await runner.outputs();
  const [{ expiry }] = Object.values(endpoints as object) as [{ expiry: string }];
  const wait = Date.parse(expiry) - SECONDS * 1000 * (1 - share) - Date.now();
  await setTimeout(Math.max(wait, 0));
}

describe("a certificate whose time has come", () => {
  test("is shown by a refresh, and by the preview as a change of its status alone", async () => {
    const stack = await standing(stage, "brief", { profile: "brief", renewBefore: "60%" });
    const before = await only(stack);
    await aged(stack, 0.5);
    const preview = await succeed(stack.runner.preview({ refresh: true }));
    const steps = changed(preview.steps);
    const certificate = steps.find(({ type }) => type.endsWith("acme:Certificate"));
    expect(certificate?.changes).toEqual([
      { path: "status", old: expect.stringMatching(/^(renewal due|expired) \(/), new: "valid" },
    ]);
    // Only what carries the certificate changes besides: the one on the load balancer, the Service, the barrier.
    const kinds = new Set(steps.map(({ type }) => type.split(":").at(-1)));
    expect([...kinds].sort()).toEqual(["Certificate", "FrontendCertificate", "Service"]);

    // A plain up decides by the clock as well.
    await succeed(stack.runner.up());
    const after = await only(stack);
    expect(after.serial).not.toBe(before.serial);
  });
});

describe("a certificate that is attached by hand", () => {
  test("is shown by a refresh, healed by the next up, and the preview after it is clean", async () => {
    const stack = await standing(stage, "drift");
    const { scaleway, env } = stage.world;
    const settings = scalewaySettings(env);
    const api = new Lbv1.ZonedAPI(createClient(settings));
    const zone = "fr-par-1";
    const [loadBalancer] = scaleway
      .inventory()
      .loadBalancers.filter(({ name }) => name.includes("drift"));
    const lbId = loadBalancer?.id ?? "";
    const frontends = await api.listFrontends({ zone, lbId }).all();
    const frontend = frontends.find(({ inboundPort }) => inboundPort === 443);
    if (!frontend?.backend) throw new Error("there must be a frontend on 443");
    await api.updateFrontend({
      ...{ zone, frontendId: frontend.id, name: frontend.name, inboundPort: 443 },
      ...{ backendId: frontend.backend.id, certificateIds: [] },
      ...{ enableHttp3: frontend.enableHttp3, enableAccessLogs: frontend.enableAccessLogs },
    });
    await expect(reach(stage, stack.domain("drift"))).rejects.toThrow();

    const preview = await succeed(stack.runner.preview({ refresh: true }));
    expect(changed(preview.steps).map(({ changes }) => changes)).toEqual([
      [{ path: "status", old: "not served: it holds no certificate", new: "served" }],
    ]);
    await succeed(stack.runner.up({ refresh: true }));
    expect((await reach(stage, stack.domain("drift"))).status).toBe(200);
    expect(changes(await succeed(stack.runner.preview({ refresh: true })))).toEqual([]);
  });
});

describe("a state from before the text of its providers was written by hand", () => {
  const text = join(import.meta.dirname, "../unit/dynamic/serialisedBefore.txt");
  const before = readFileSync(text, "utf8");
  type Properties = { __provider?: string };
  type Deployment = { resources: { inputs?: Properties; outputs?: Properties }[] };

  test("is read, and leads to no change", async () => {
    const { runner } = await standing(stage, "older");
    const state = await runner.exportState();
    const { resources } = state.deployment as Deployment;
    const texts = resources.flatMap(({ inputs, outputs }) => [inputs, outputs]);
    let replaced = 0;
    for (const properties of texts) {
      const [module] = /[a-z]+\/\w+\.ts/.exec(properties?.__provider ?? "") ?? [];
      if (!properties || !module) continue;
      properties.__provider = before.replace("certificate/provider.ts", module);
      replaced++;
    }
    expect(replaced).toBe(8);
    await runner.importState(state);
    expect(changes(await succeed(runner.preview({ refresh: true })))).toEqual([]);
  });
});
