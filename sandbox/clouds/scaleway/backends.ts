/** Backends: where a frontend's connections go. */
import { isIP } from "node:net";
import { constraint, lbNotFound, quotaExceeded, stillInUse } from "./errors.ts";
import type { Backend, HealthCheck, LoadBalancer } from "./records.ts";
import type { Store } from "./store.ts";

const MAX_BACKENDS = 300;

export type BackendSettings = Omit<
  Backend,
  "id" | "lb_id" | "pool" | "health_check" | "created_at" | "updated_at"
>;

export function backendsOf(store: Store, lb: LoadBalancer): Backend[] {
  return [...store.backends.values()].filter((backend) => backend.lb_id === lb.id);
}

export function getBackend(store: Store, zone: string, id: string): Backend {
  const backend = store.backends.get(id);
  if (!backend || store.loadBalancers.get(backend.lb_id)?.zone !== zone)
    throw lbNotFound("backend", id);
  return backend;
}

function checkedPool(pool: string[]): string[] {
  const wrong = pool.find((address) => isIP(address) === 0);
  if (wrong !== undefined) throw constraint("server_ip", `${wrong} is not an IP address`);
  return [...new Set(pool)];
}

export function createBackend(
  store: Store,
  lb: LoadBalancer,
  settings: BackendSettings,
  healthCheck: HealthCheck,
  pool: string[],
): Backend {
  const count = backendsOf(store, lb).length;
  if (count >= MAX_BACKENDS) throw quotaExceeded("lb_backends", MAX_BACKENDS, count);
  const backend: Backend = {
    ...settings,
    ...store.stamps(),
    id: store.newId(),
    lb_id: lb.id,
    health_check: healthCheck,
    pool: checkedPool(pool),
  };
  store.backends.set(backend.id, backend);
  store.changed(undefined, lb.id);
  return backend;
}

export function updateBackend(store: Store, backend: Backend, settings: BackendSettings): void {
  Object.assign(backend, settings);
  store.changed(backend, backend.lb_id);
}

export function setHealthCheck(store: Store, backend: Backend, check: HealthCheck): void {
  backend.health_check = check;
  store.changed(backend, backend.lb_id);
}

export function setServers(store: Store, backend: Backend, pool: string[]): void {
  backend.pool = checkedPool(pool);
  store.changed(backend, backend.lb_id);
}

export function deleteBackend(store: Store, backend: Backend): void {
  if ([...store.frontends.values()].some((frontend) => frontend.backend_id === backend.id))
    throw stillInUse("operation was rejected because the backend is used on a frontend");
  store.backends.delete(backend.id);
  store.changed(undefined, backend.lb_id);
}
