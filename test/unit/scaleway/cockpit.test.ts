/** Cockpit's alert manager, as answers of the vendor's API were recorded. */
import { Errors } from "@scaleway/sdk-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COCKPIT_RULES } from "../../../config/cockpit.ts";
import { type Clients, failure, PROJECT, startCloud, UNKNOWN } from "./cloud.ts";

let clients: Clients;
beforeAll(async () => {
  clients = await startCloud();
});
afterAll(() => clients.cloud.close());

const ofProject = { project_id: PROJECT };
const post = (path: string, body: object) =>
  clients.raw("POST", `/cockpit/v1/regions/fr-par/${path}`, { ...ofProject, ...body });
const get = (path: string) => {
  const joint = path.includes("?") ? "&" : "?";
  return clients.raw("GET", `/cockpit/v1/regions/fr-par/${path}${joint}project_id=${PROJECT}`);
};

test("is off in a project at first, is switched on with an address, and off again", async () => {
  const off = { alert_manager_enabled: false, alert_manager_url: null };
  expect((await get("alert-manager")).body).toMatchObject({ ...off, region: "fr-par" });
  const { body } = await post("alert-manager/enable", {});
  expect(body).toMatchObject({
    alert_manager_enabled: true,
    alert_manager_url: expect.stringMatching(
      /^https:.*\.alertmanager\.cockpit\.fr-par\.scw\.cloud$/,
    ),
    managed_alerts_enabled: false,
  });
  expect((await post("alert-manager/enable", {})).body).toEqual(body);
  expect((await post("alert-manager/disable", {})).body).toMatchObject(off);
});

test("has every rule that a stack file can name, and others", async () => {
  const { alerts, total_count } = (await get("alerts?is_preconfigured=true&page=1")).body as {
    alerts: { rule_status: string; preconfigured_data: Record<string, string> }[];
    total_count: number;
  };
  const ids = (product: (name: string | undefined) => boolean) =>
    alerts
      .map(({ preconfigured_data: data }) => data)
      .filter((data) => product(data["product_name"]))
      .map((data) => data["preconfigured_rule_id"])
      .toSorted();
  expect(ids((name) => name === "LB")).toEqual(Object.values(COCKPIT_RULES).toSorted());
  expect(ids((name) => name !== "LB")).not.toEqual([]);
  expect(total_count).toBe(alerts.length);
  expect(new Set(alerts.map(({ rule_status }) => rule_status))).toEqual(new Set(["disabled"]));
});

test("switches a rule in its own time", async () => {
  const rule = COCKPIT_RULES["high-cpu"];
  const status = async () => {
    const { alerts } = (await get("alerts")).body as {
      alerts: { rule_status: string; preconfigured_data: { preconfigured_rule_id: string } }[];
    };
    return alerts.find((each) => each.preconfigured_data.preconfigured_rule_id === rule)
      ?.rule_status;
  };
  clients.cloud.settings.alertRuleAfter = 30;
  const { body } = await post("alert-manager/enable-alert-rules", { rule_ids: [rule, "nothing"] });
  expect(body).toEqual({ enabled_rule_ids: [rule] });
  expect(await status()).toBe("enabling");
  await expect.poll(status).toBe("enabled");
  clients.cloud.settings.alertRuleAfter = 0;
  await post("alert-manager/disable-alert-rules", { rule_ids: [rule] });
  expect(await status()).toBe("disabled");
});

test("keeps contact points, each address once", async () => {
  const points = "alert-manager/contact-points";
  const point = (to: string) => ({ email: { to } });
  expect((await post(points, point("a@example.com"))).body).toEqual({
    ...point("a@example.com"),
    region: "fr-par",
    send_resolved_notifications: true,
  });
  expect((await post(points, point("a@example.com"))).status).toBe(409);
  expect((await post(points, point("nobody"))).status).toBe(400);
  await post(points, point("b@example.com"));
  expect((await get(points)).body).toMatchObject({
    contact_points: [point("a@example.com"), point("b@example.com")],
    has_additional_contact_points: false,
    total_count: 2,
  });
  expect((await post(`${points}/delete`, point("a@example.com"))).status).toBe(204);
  expect((await post(`${points}/delete`, point("a@example.com"))).status).toBe(404);
  expect((await get(points)).body).toMatchObject({ total_count: 1 });
});

test("is another one in every region, and none in a project that the key does not see", async () => {
  await post("alert-manager/enable", {});
  const there = await clients.raw(
    "GET",
    `/cockpit/v1/regions/nl-ams/alert-manager?project_id=${PROJECT}`,
  );
  expect(there.body).toMatchObject({ alert_manager_enabled: false, region: "nl-ams" });
  const foreign = await clients.raw(
    "GET",
    `/cockpit/v1/regions/fr-par/alert-manager?project_id=${UNKNOWN}`,
  );
  expect(foreign.status).toBe(403);
});

test("names what of Cockpit the sandbox has not", async () => {
  const { status, body } = await get("data-sources");
  expect({ status, ...body }).toMatchObject({ status: 501, type: "not_implemented" });
  expect(String(body["message"])).toContain("GET /cockpit/v1/regions/fr-par/data-sources");
});

test("refuses a key that may not observe", async () => {
  const { settings } = clients.cloud;
  settings.access = { cockpit: "read" };
  expect((await get("alert-manager")).status).toBe(200);
  const { lb, raw } = clients;
  expect((await raw("POST", "/cockpit/v1/regions/fr-par/alert-manager/enable", {})).status).toBe(
    403,
  );
  settings.access = { lb: "none" };
  expect(await failure(lb.listLbs())).toBeInstanceOf(Errors.PermissionsDeniedError);
  settings.access = {};
});
