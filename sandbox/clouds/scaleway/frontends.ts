/** Frontends: one port of a load balancer, on every address it has. */

import { getBackend } from "./backends.ts";
import { constraint, lbNotFound, quotaExceeded } from "./errors.ts";
import type { Acl, Certificate, Frontend, LoadBalancer } from "./records.ts";
import type { Store } from "./store.ts";

const MAX_FRONTENDS = 300;
const MAX_ACLS = 300;

export type FrontendSettings = Omit<Frontend, "id" | "lb_id" | "created_at" | "updated_at">;
export type AclSettings = Omit<Acl, "id" | "frontend_id" | "created_at" | "updated_at">;

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
  store.changed();
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
  store.changed(frontend);
}

export function deleteFrontend(store: Store, frontend: Frontend): void {
  for (const acl of aclsOf(store, frontend)) store.acls.delete(acl.id);
  store.frontends.delete(frontend.id);
  store.changed();
}

export function aclsOf(store: Store, frontend: Frontend): Acl[] {
  return [...store.acls.values()].filter((acl) => acl.frontend_id === frontend.id);
}

export function getAcl(store: Store, zone: string, id: string): Acl {
  const acl = store.acls.get(id);
  if (!acl) throw lbNotFound("acl", id);
  getFrontend(store, zone, acl.frontend_id);
  return acl;
}

function addAcl(store: Store, frontend: Frontend, settings: AclSettings): Acl {
  const acl: Acl = { ...settings, ...store.stamps(), id: store.newId(), frontend_id: frontend.id };
  store.acls.set(acl.id, acl);
  return acl;
}

export function createAcl(store: Store, frontend: Frontend, settings: AclSettings): Acl {
  const onLb = [...store.acls.values()].filter(
    (acl) => store.frontends.get(acl.frontend_id)?.lb_id === frontend.lb_id,
  ).length;
  if (onLb >= MAX_ACLS) throw quotaExceeded("lb_acls", MAX_ACLS, onLb);
  const acl = addAcl(store, frontend, settings);
  store.changed();
  return acl;
}

/** Replaces all ACLs of a frontend. */
export function setAcls(store: Store, frontend: Frontend, settings: AclSettings[]): Acl[] {
  for (const acl of aclsOf(store, frontend)) store.acls.delete(acl.id);
  const acls = settings.map((each) => addAcl(store, frontend, each));
  store.changed();
  return acls;
}

export function updateAcl(store: Store, acl: Acl, settings: AclSettings): void {
  Object.assign(acl, settings);
  store.changed(acl);
}

export function deleteAcl(store: Store, acl: Acl): void {
  store.acls.delete(acl.id);
  store.changed();
}
