/** Cockpit's alerts of a stack, from the setting to what the API has, and off again. */
import { createClient } from "@scaleway/sdk-client";
import { Cockpitv1 } from "@scaleway/sdk-cockpit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scalewaySettings } from "../../dynamic/environment.ts";
import { scalewayKeyCheck } from "../../operate/doctor/checks/scalewayKey.ts";
import { beyondRenewal } from "../../operate/renewalGuard.ts";
import { OBSERVING } from "../../privileges/scaleway.ts";
import { look } from "./doctor/look.ts";
import { changes, succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

let stage: Stage;
let stack: Stack;
beforeAll(async () => {
  stage = await startStage();
  stack = stage.stack();
  stack.declare("watched", { tls: "passthrough" });
  stack.configure((settings) => {
    settings["private-lb:cockpitAlerts"] = { email: "ops@example.com", rules: ["backend-down"] };
  });
  stage.world.scaleway.settings.permissionSets.push("IAMReadOnly");
});
afterAll(() => stage?.close());

async function seen() {
  const { SCW_DEFAULT_PROJECT_ID: defaultProjectId } = stage.world.env;
  const client = createClient({ ...scalewaySettings(stage.world.env), defaultProjectId });
  const api = new Cockpitv1.RegionalAPI(client);
  const at = { region: "fr-par" } as const;
  const { alerts } = await api.listAlerts({ ...at, isPreconfigured: true });
  const contacts = await api.listContactPoints(at).all();
  return {
    isOn: (await api.getAlertManager(at)).alertManagerEnabled,
    rules: alerts.filter(({ ruleStatus }) => ruleStatus === "enabled").map(({ name }) => name),
    contacts: contacts.map(({ email }) => email?.to),
  };
}

test("a key that may not observe is told what it lacks, by the doctor and by the run", async () => {
  const { level, findings } = await look(scalewayKeyCheck, stage.world, stack);
  expect(level).toBe("failed");
  expect(findings[0]?.seen).toBe(`the key lacks ${OBSERVING}`);
  expect(findings[0]?.advice).toContain(`rules.0.permission-set-names.4=${OBSERVING}`);
  const { ok, diagnostics } = await stack.runner.up();
  expect(ok).toBe(false);
  const said = diagnostics.map(({ message }) => message).join("\n");
  expect(said).toContain(`SCW_ACCESS_KEY and SCW_SECRET_KEY need ${OBSERVING} on the project`);
});

test("with the right to it, the alerts are on, and a second run has nothing to do", async () => {
  stage.world.scaleway.settings.permissionSets.push(OBSERVING);
  expect((await look(scalewayKeyCheck, stage.world, stack)).level).toBe("ok");
  await succeed(stack.runner.up());
  expect(await seen()).toEqual({
    isOn: true,
    rules: ["LBBackendDown"],
    contacts: ["ops@example.com"],
  });
  await succeed(stack.runner.refresh());
  const preview = await succeed(stack.runner.preview());
  expect([changes(preview), beyondRenewal(preview.steps)]).toEqual([[], []]);
});

test("without the setting all of it is off, and nobody is written to", async () => {
  stack.configure((settings) => {
    delete settings["private-lb:cockpitAlerts"];
  });
  await succeed(stack.runner.up());
  expect(await seen()).toEqual({ isOn: false, rules: [], contacts: [] });
});
