/** Cockpit's alert manager: one for each project and region. */
import { permissionsDenied } from "./errors.ts";
import type { Store } from "./store.ts";

export type RuleStatus = "disabled" | "enabling" | "enabled" | "disabling";

export interface AlertManager {
  region: string;
  project: string;
  /** Undefined while it is off. */
  url: string | undefined;
  /** Addresses, in the order of their creation. */
  contacts: string[];
  /** Of the rules that were ever switched. */
  rules: Map<string, RuleStatus>;
}

/** Of those that Scaleway has ready: the ones on load balancers, and one of another product. */
const READY: [id: string, product: string, title: string, name: string, duration: string][] = [
  ["d1b1b4a0-7215-494b-9d81-796e52c7ed0e", "LB", "Backend down", "LBBackendDown", "5m"],
  [
    "feb64cef-c855-4230-a74e-813515fdb357",
    "LB",
    "Backend server down",
    "LBBackendServerDown",
    "5m",
  ],
  [
    "fcf06e62-22ee-4e86-9b16-3cc9708e1b07",
    "LB",
    "High connection usage",
    "LBHighConnectionLoad",
    "10m",
  ],
  [
    "835bd0fc-57ea-43cf-ba2f-2b637e85eedb",
    "LB",
    "High bandwidth usage",
    "LBHighBandwidthLoad",
    "10m",
  ],
  ["769bd543-6030-4540-bd2d-5e2d0604e767", "LB", "High CPU usage", "LBHighCPULoad", "10m"],
  ["89d456d0-8614-40a2-b0a6-682ea25e98b6", "LB", "High memory usage", "LBHighMemoryLoad", "10m"],
  ["1c16c699-e00e-4be8-b05d-d8cd2797f2a7", "Instance", "High CPU usage", "InstanceHighCPU", "10m"],
];

const FAMILIES: Record<string, string> = { LB: "Load Balancer", Instance: "Compute" };

/** @throws ApiError 403 for a project that the key does not see */
export function alertManagerOf(store: Store, region: string, project: string): AlertManager {
  if (!store.projects.has(project)) throw permissionsDenied("cockpit", "read");
  const key = `${region}/${project}`;
  const known = store.alertManagers.get(key);
  if (known) return known;
  const made = { region, project, url: undefined, contacts: [], rules: new Map() };
  store.alertManagers.set(key, made);
  return made;
}

/** Those of the ids that it knows change their status, in its own time. */
export function switchRules(
  store: Store,
  { rules }: AlertManager,
  ids: readonly string[],
  to: "enabled" | "disabled",
): string[] {
  const known = ids.filter((id) => READY.some(([each]) => each === id));
  for (const id of known) {
    if ((rules.get(id) ?? "disabled") === to) continue;
    rules.set(id, to === "enabled" ? "enabling" : "disabling");
    store.after(store.settings.alertRuleAfter, () => rules.set(id, to));
  }
  return known;
}

export function showAlertManager({ region, url }: AlertManager) {
  return {
    alert_manager_enabled: url !== undefined,
    alert_manager_url: url ?? null,
    managed_alerts_enabled: false,
    region,
  };
}

export const showContact = (region: string, address: string) => ({
  email: { to: address },
  region,
  send_resolved_notifications: true,
});

/** The rules of every project; off, unless somebody has switched them on. */
export function showAlerts({ region, rules }: AlertManager) {
  return READY.map(([id, product, title, name, duration]) => ({
    annotations: { display_name: title, product, rule_id: id },
    data_source_id: "",
    duration,
    name,
    preconfigured: true,
    preconfigured_data: {
      display_description: title,
      display_name: title,
      preconfigured_rule_id: id,
      product_family: FAMILIES[product],
      product_name: product,
    },
    region,
    rule: `${name} > 0`,
    rule_status: rules.get(id) ?? "disabled",
    state: "unknown_state",
  }));
}
