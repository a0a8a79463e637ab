/**
 * `scaleway_cockpit_alert_manager`: https://github.com/scaleway/terraform-provider-scaleway/blob/master/internal/services/cockpit/alert_manager.go
 * It has no id of its own: the project's one is switched on, and off by a deletion, which takes away every contact point,
 * whoever made it. One that is switched off by another hand is still there to the plugin.
 */
import type { Region } from "@scaleway/sdk-client";
import type { Props } from "../../engine/provider.ts";
import type { Fields, ResourceType } from "../table.ts";
import { isObject, text, texts } from "../values.ts";
import { waitFor } from "../wait.ts";
import type { Scaleway } from "./client.ts";
import { ask, unless } from "./errors.ts";
import { sameWhereBothSay } from "./ids.ts";

const fields: Fields = {
  projectId: { kind: "string", change: "replace", filled: true },
  region: { kind: "string", change: "replace", filled: true, same: sameWhereBothSay },
  preconfiguredAlertIds: { kind: "strings", change: "update", same: sameSet },
  contactPoints: {
    kind: "objects",
    change: "update",
    fields: { email: { kind: "string", change: "update" } },
  },
  enableManagedAlerts: { kind: "boolean", change: "update", filled: true },
  alertManagerUrl: { kind: "string", change: "computed" },
};

interface Place {
  region: Region;
  projectId: string;
}

export const alertManager: ResourceType<Scaleway> = {
  token: "scaleway:observability/alertManager:AlertManager",
  toolkit: "sdk",
  fields,

  // The plugin sets the id last: what fails before leaves nothing in the state.
  async create(api, inputs, created) {
    const place = {
      region: (text(inputs["region"]) || api.region) as Region,
      projectId: text(inputs["projectId"]) || api.projectId,
    };
    await ask("enable the alert manager", api.cockpit.enableAlertManager(place));
    await turn(api, place, texts(inputs["preconfiguredAlertIds"]), "enabled");
    for (const to of addressesOf(inputs)) await addContact(api, place, to);
    const id = `${place.region}/${place.projectId}/1`;
    created(id);
    return readBack(api, id, inputs);
  },

  async read(api, id, state) {
    const place = placeOf(id);
    const asked = ask("read the alert manager", api.cockpit.getAlertManager(place));
    const found = await unless([404], asked);
    if (!found) return undefined;
    const on = await rulesOf(api, place, ["enabled", "enabling"]);
    const listed = api.cockpit.listContactPoints(place).all();
    const contacts = await ask("list the contact points", listed);
    return {
      ...state,
      ...place,
      alertManagerUrl: found.alertManagerUrl,
      preconfiguredAlertIds: texts(state["preconfiguredAlertIds"]).filter((rule) => on.has(rule)),
      contactPoints: contacts.flatMap(({ email }) => (email ? [{ email: email.to }] : [])),
    };
  },

  async update(api, { id, before, planned, changes }) {
    const place = placeOf(id);
    if (changes("preconfiguredAlertIds")) {
      const [old, now] = [before, planned].map((each) => texts(each["preconfiguredAlertIds"]));
      await turn(api, place, without(old, now), "disabled");
      await turn(api, place, without(now, old), "enabled");
    }
    if (changes("contactPoints")) {
      const [old, now] = [addressesOf(before), addressesOf(planned)];
      for (const to of without(old, now)) await removeContact(api, place, to);
      for (const to of without(now, old)) await addContact(api, place, to);
    }
    return readBack(api, id, planned);
  },

  async delete(api, id, outputs) {
    const place = placeOf(id);
    const ruleIds = texts(outputs["preconfiguredAlertIds"]);
    if (ruleIds.length > 0)
      await ask("disable alert rules", api.cockpit.disableAlertRules({ ...place, ruleIds }));
    const listed = api.cockpit.listContactPoints(place).all();
    for (const { email } of await ask("list the contact points", listed))
      if (email) await removeContact(api, place, email.to);
    await ask("disable the alert manager", api.cockpit.disableAlertManager(place));
  },
};

/** Switches rules, and waits until they have the status. */
async function turn(
  api: Scaleway,
  place: Place,
  ruleIds: string[],
  to: "enabled" | "disabled",
): Promise<void> {
  if (ruleIds.length === 0) return;
  const action = to === "enabled" ? "enableAlertRules" : "disableAlertRules";
  const asked: Promise<unknown> = api.cockpit[action]({ ...place, ruleIds });
  await ask(`have alert rules ${to}`, asked);
  let left = ruleIds;
  await waitFor(
    `alert rules are ${to}`,
    api.patience,
    async () => {
      const there = await rulesOf(api, place, [to]);
      left = ruleIds.filter((rule) => !there.has(rule));
      return left.length === 0 || undefined;
    },
    () => `not so: ${left.join(", ")}`,
  );
}

/** Ids of the preconfigured rules of these statuses. */
async function rulesOf(api: Scaleway, place: Place, statuses: string[]): Promise<Set<string>> {
  const asked = api.cockpit.listAlerts({ ...place, isPreconfigured: true });
  const { alerts } = await ask("list the alerts", asked);
  const found = alerts.filter(({ ruleStatus }) => statuses.includes(ruleStatus));
  return new Set(
    found.flatMap(({ preconfiguredData }) => preconfiguredData?.preconfiguredRuleId ?? []),
  );
}

const addContact = (api: Scaleway, place: Place, to: string) =>
  ask(`add contact point ${to}`, api.cockpit.createContactPoint({ ...place, email: { to } }));

const removeContact = (api: Scaleway, place: Place, to: string) =>
  ask(`delete contact point ${to}`, api.cockpit.deleteContactPoint({ ...place, email: { to } }));

function addressesOf({ contactPoints }: Props): string[] {
  return (Array.isArray(contactPoints) ? contactPoints : [])
    .filter(isObject)
    .map(({ email }) => text(email));
}

function placeOf(id: string): Place {
  const [region = "", projectId = "", ...rest] = id.split("/");
  if (!projectId || rest.length !== 1)
    throw new Error(`invalid alert manager ID format: ${id}, expected region/projectID/1`);
  return { region: region as Region, projectId };
}

const without = (list: string[] = [], other: string[] = []) =>
  list.filter((each) => !other.includes(each));

function sameSet(before: unknown, after: unknown): boolean {
  const [a, b] = [texts(before), texts(after)];
  return without(a, b).length === 0 && without(b, a).length === 0;
}

async function readBack(api: Scaleway, id: string, state: Props): Promise<Props> {
  const outputs = await alertManager.read(api, id, state);
  if (!outputs) throw new Error(`the alert manager ${id} is not there (any more)`);
  return outputs;
}
