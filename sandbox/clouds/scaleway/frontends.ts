/** Frontends: one port of a load balancer, on every address it has. */

import { aclsOf } from "./acls.ts";
import { getBackend } from "./backends.ts";
import { constraint, lbNotFound, quotaExceeded } from "./errors.ts";
import type { Certificate, Frontend, LoadBalancer } from "./records.ts";
import type { Store } from "./store.ts";

const MAX_FRONTENDS = 300;

export type FrontendSettings = Omit<Frontend, "id" | "lb_id" | "created_at" | "updated_at">;

export function frontendsOf(store: Store, lb: LoadBalancer): Frontend[] {
  return [...store.frontends.values()].filter((frontend) => frontend.lb_id === lb.id);
}

export function getFrontend(store: Store, zone: string, id: string): Frontend {
  const frontend = store.frontends.get(id);
  if (!frontend || store.loadBalancers.get(frontend.lb_id)?.zone !== zone)
    throw lbNotFound("frontend", id);
  return frontend;
}

/** A frontend's certificates in its own order. */
export function certificatesOf(store: Store, frontend: Frontend): Certificate[] {
  return frontend.certificate_ids.flatMap((id) => store.certificates.get(id) ?? []);
}

function check(store: Store, lb: LoadBalancer, settings: FrontendSettings, self?: Frontend): void {
  const taken = frontendsOf(store, lb).some(
    (other) => other !== self && other.inbound_port === settings.inbound_port,
  );
  if (taken) throw constraint("inbound_port", `port ${settings.inbound_port} is already in use`);
  const backend = getBackend(store, lb.zone, settings.backend_id);
  if (backend.lb_id !== lb.id) throw lbNotFound("backend", settings.backend_id);
  const unknown = settings.certificate_ids.find(
    (id) => store.certificates.get(id)?.lb_id !== lb.id,
  );
  if (unknown !== undefined) throw lbNotFound("certificate", unknown);
  // https://github.com/scaleway/terraform-provider-scaleway/pull/1208
  if (settings.inbound_port === 80 && settings.certificate_ids.length > 0)
    throw constraint("certificate_ids", "certificates are not allowed on port 80");
}

export function createFrontend(
  store: Store,
  lb: LoadBalancer,
  settings: FrontendSettings,
): Frontend {
  check(store, lb, settings);
  const count = frontendsOf(store, lb).length;
  if (count >= MAX_FRONTENDS) throw quotaExceeded("lb_frontends", MAX_FRONTENDS, count);
  const frontend: Frontend = {
    ...settings,
    ...store.stamps(),
    id: store.newId(),
    lb_id: lb.id,
  };
  store.frontends.set(frontend.id, frontend);
  store.changed(undefined, lb.id);
  return frontend;
}

/** Everything in one step: the data plane sees the old settings or the new ones, never a mixture. */
export function updateFrontend(
  store: Store,
  lb: LoadBalancer,
  frontend: Frontend,
  settings: FrontendSettings,
): void {
  check(store, lb, settings, frontend);
  Object.assign(frontend, settings);
  store.changed(frontend, lb.id);
}

export function deleteFrontend(store: Store, frontend: Frontend): void {
  for (const acl of aclsOf(store, frontend)) store.acls.delete(acl.id);
  store.frontends.delete(frontend.id);
  store.changed(undefined, frontend.lb_id);
}
