/** `scaleway_cockpit_alert_manager` as the plugin leads it. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { COCKPIT_RULES } from "../../../../config/cockpit.ts";
import { createAdapters } from "../../../../sandbox/adapters/index.ts";
import { CallLog } from "../../../../sandbox/clouds/api.ts";
import { type ScalewayCloud, startScaleway } from "../../../../sandbox/clouds/scaleway/index.ts";
import type { Props, Provider } from "../../../../sandbox/engine/provider.ts";
import { Lifecycle } from "../lifecycle.ts";

const TYPE = "scaleway:observability/alertManager:AlertManager";
const { "backend-down": DOWN, "high-cpu": CPU } = COCKPIT_RULES;
const projectId = randomUUID();
const secretKey = randomUUID();
const log = new CallLog();
let cloud: ScalewayCloud;
let provider: Provider;
let manager: Lifecycle;

beforeAll(async () => {
  const owner = { projectId, organizationId: randomUUID() };
  cloud = await startScaleway({ log, accessKey: "SCWAAAAAAAAAAAAAAAAA", secretKey, ...owner });
  provider = createAdapters(cloud.env()).scaleway();
  await provider.configure({});
});
afterAll(() => cloud.close());

const wanted = (email: string, ...preconfiguredAlertIds: string[]): Props => ({
  region: "fr-par",
  preconfiguredAlertIds,
  contactPoints: [{ email }],
});
beforeEach(async () => {
  manager = await new Lifecycle(provider, TYPE).create(wanted("ops@example.com", DOWN, CPU));
});
afterEach(() => manager.delete().catch(() => {}));

/** The calls since, in short. */
const calls = (from: number) =>
  log.calls
    .slice(from)
    .map(({ method, path }) => `${method} ${path.split("?")[0]?.split("/fr-par/")[1]}`);

test("is the project's one, with its rules on", () => {
  expect(manager.id).toBe(`fr-par/${projectId}/1`);
  expect(manager.outputs).toMatchObject({
    projectId,
    alertManagerUrl: expect.stringContaining("alertmanager.cockpit"),
    preconfiguredAlertIds: expect.arrayContaining([DOWN, CPU]),
    contactPoints: [{ email: "ops@example.com" }],
  });
});

test("waits until its rules are on", async () => {
  await manager.delete();
  cloud.settings.alertRuleAfter = 50;
  const from = log.calls.length;
  manager = await new Lifecycle(provider, TYPE).create(wanted("ops@example.com", DOWN));
  cloud.settings.alertRuleAfter = 0;
  const asked = calls(from);
  expect(asked.slice(0, 2)).toEqual([
    "POST alert-manager/enable",
    "POST alert-manager/enable-alert-rules",
  ]);
  const looks = asked.indexOf("POST alert-manager/contact-points") - 2;
  expect(looks).toBeGreaterThan(1);
  expect(manager.outputs["preconfiguredAlertIds"]).toEqual([DOWN]);
});

test.each([
  ["the same", wanted("ops@example.com", DOWN, CPU), []],
  ["its rules in another order", wanted("ops@example.com", CPU, DOWN), []],
  ["a rule less", wanted("ops@example.com", DOWN), ["preconfiguredAlertIds"]],
  ["another address", wanted("new@example.com", DOWN, CPU), ["contactPoints[0].email"]],
])("with %s it is changed in place, if at all", async (_, to, changed) => {
  expect(await manager.diff(to)).toMatchObject({ changed, replaces: [] });
});

test.each(["region", "projectId"])("another %s replaces it", async (key) => {
  const other = { region: "nl-ams", projectId: randomUUID() }[key];
  const to = { ...wanted("ops@example.com", DOWN, CPU), [key]: other };
  expect(await manager.diff(to)).toMatchObject({ replaces: [key] });
});

test("switches only what differs", async () => {
  const from = log.calls.length;
  await manager.update(wanted("new@example.com", DOWN));
  expect(calls(from).filter((call) => call.startsWith("POST"))).toEqual([
    "POST alert-manager/disable-alert-rules",
    "POST alert-manager/contact-points/delete",
    "POST alert-manager/contact-points",
  ]);
  expect(manager.outputs).toMatchObject({
    preconfiguredAlertIds: [DOWN],
    contactPoints: [{ email: "new@example.com" }],
  });
  expect((await manager.diff(wanted("new@example.com", DOWN))).changes).toBe(false);
});

test("shows by a refresh what somebody else has changed, which the next update puts right", async () => {
  const other = await new Lifecycle(provider, TYPE);
  expect(await other.import(manager.id)).toBe(true);
  await other.update(wanted("other@example.com"));
  expect(await manager.refresh()).toBe(true);
  expect(manager.outputs["contactPoints"]).toEqual([{ email: "other@example.com" }]);
  await manager.update(wanted("ops@example.com", DOWN, CPU));
  expect(manager.outputs["contactPoints"]).toEqual([{ email: "ops@example.com" }]);
});

test("takes every contact point along when it is deleted, and is off then", async () => {
  const from = log.calls.length;
  await manager.delete();
  expect(calls(from)).toEqual([
    "POST alert-manager/disable-alert-rules",
    "GET alert-manager/contact-points",
    "POST alert-manager/contact-points/delete",
    "POST alert-manager/disable",
  ]);
});

test("says which id it cannot read", async () => {
  const wrong = new Lifecycle(provider, TYPE);
  await expect(wrong.import("fr-par/x")).rejects.toThrow("expected region/projectID/1");
});
