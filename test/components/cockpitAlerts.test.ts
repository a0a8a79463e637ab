import { beforeAll, expect, test } from "vitest";
import { CockpitAlerts } from "../../components/cockpitAlerts.ts";
import { COCKPIT_RULES } from "../../config/cockpit.ts";
import { type Recording, record } from "./recorder.ts";
import { ALERT_MANAGER } from "./types.ts";

let recording: Recording<unknown>;
beforeAll(async () => {
  recording = await record(
    () =>
      new CockpitAlerts("cockpit", {
        region: "fr-par",
        email: "ops@example.com",
        rules: ["backend-down", "high-memory"],
      }),
  );
});

test("is one alert manager, with the rules by their ids and one contact point", () => {
  expect(recording.types()).toEqual(["private-lb:index:CockpitAlerts", ALERT_MANAGER].toSorted());
  expect(recording.one(ALERT_MANAGER)).toMatchObject({
    name: "cockpit",
    parent: expect.stringContaining("private-lb:index:CockpitAlerts::cockpit"),
    protect: false,
  });
  expect(recording.one(ALERT_MANAGER).inputs).toEqual({
    region: "fr-par",
    preconfiguredAlertIds: [COCKPIT_RULES["backend-down"], COCKPIT_RULES["high-memory"]],
    contactPoints: [{ email: "ops@example.com" }],
  });
});

test("gives the manager's address", () => {
  expect(recording.outputs.get("private-lb:index:CockpitAlerts")).toEqual(["alertManagerUrl"]);
});
