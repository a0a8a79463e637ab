/** Access rules of frontends. */
import { lbNotFound, quotaExceeded } from "./errors.ts";
import type { Acl, Frontend } from "./records.ts";
import type { Store } from "./store.ts";

const MAX_ACLS = 300;

export type AclSettings = Omit<Acl, "id" | "frontend_id" | "created_at" | "updated_at">;

export function aclsOf(store: Store, frontend: Frontend): Acl[] {
  return [...store.acls.values()].filter((acl) => acl.frontend_id === frontend.id);
}

export function getAcl(store: Store, zone: string, id: string): Acl {
  const acl = store.acls.get(id);
  const lbId = acl && store.frontends.get(acl.frontend_id)?.lb_id;
  if (!acl || store.loadBalancers.get(lbId ?? "")?.zone !== zone) throw lbNotFound("acl", id);
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
  store.changed(undefined, frontend.lb_id);
  return acl;
}

/** Replaces all ACLs of a frontend. */
export function setAcls(store: Store, frontend: Frontend, settings: AclSettings[]): Acl[] {
  for (const acl of aclsOf(store, frontend)) store.acls.delete(acl.id);
  const acls = settings.map((each) => addAcl(store, frontend, each));
  store.changed(undefined, frontend.lb_id);
  return acls;
}

export function updateAcl(store: Store, acl: Acl, settings: AclSettings): void {
  Object.assign(acl, settings);
  store.changed(acl, store.frontends.get(acl.frontend_id)?.lb_id);
}

export function deleteAcl(store: Store, acl: Acl): void {
  store.acls.delete(acl.id);
  store.changed(undefined, store.frontends.get(acl.frontend_id)?.lb_id);
}
