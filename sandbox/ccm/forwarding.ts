/** Frontends, backends and access rules of a Service on its load balancer. */
import type { V1Service } from "@kubernetes/client-node";
import type { Lbv1 } from "@scaleway/sdk-lb";
import { aclPrefix, sameAcls, wantedAcls } from "./acls.ts";
import { sameBackend, sameFrontend } from "./compare.ts";
import { ownPrefix, type WantedPort, wantedPorts } from "./desired.ts";

export type Zone = NonNullable<Lbv1.ZonedApiGetLbRequest["zone"]>;
export type Balancer = Lbv1.Lb & { zone: Zone };

export class Forwarding {
  readonly #lb: Lbv1.ZonedAPI;

  constructor(lb: Lbv1.ZonedAPI) {
    this.#lb = lb;
  }

  /** Makes the Service's own frontends and backends what it wants; foreign ones are not touched. */
  async ensure(service: V1Service, { zone, id: lbId }: Balancer, targets: string[]): Promise<void> {
    const balancer = { zone, lbId };
    const frontends = await this.#lb.listFrontends(balancer).all();
    const backends = await this.#lb.listBackends(balancer).all();
    const wanted = wantedPorts(service, targets);
    const own = ownPrefix(service);
    const [ownFrontends, spareFrontends] = split(
      frontends.filter(({ name }) => name.startsWith(own)),
      ({ inboundPort }) => inboundPort,
      wanted.map(({ port }) => port),
    );
    const [ownBackends, spareBackends] = split(
      backends.filter(({ name }) => name.startsWith(own)),
      ({ forwardPort }) => forwardPort,
      wanted.map(({ nodePort }) => nodePort),
    );
    for (const frontend of spareFrontends) await this.#deleteFrontend(balancer, frontend);
    for (const port of wanted) {
      const backend = await this.#ensureBackend(balancer, ownBackends.get(port.nodePort), port);
      const is = ownFrontends.get(port.port);
      const frontend = await this.#ensureFrontend(balancer, is, port, backend.id);
      await this.#ensureAcls(balancer, frontend, service, targets);
    }
    const other = service.spec?.ports?.find(({ protocol }) => protocol !== "TCP");
    // The load balancer forwards TCP alone; this is how the original says so.
    if (other) {
      throw new Error(`undefined backend port: ${other.nodePort} loadbalancer: ${lbId}`);
    }
    // Last, since a backend cannot go before the frontends that use it point elsewhere.
    for (const backend of spareBackends) await this.#deleteBackend(balancer, backend);
  }

  /** Removes what belongs to the Service. */
  async remove(service: V1Service, { zone, id: lbId }: Balancer): Promise<void> {
    const balancer = { zone, lbId };
    const own = { ...balancer, name: ownPrefix(service) };
    const frontends = await this.#lb.listFrontends(own).all();
    const backends = await this.#lb.listBackends(own).all();
    for (const frontend of frontends) await this.#deleteFrontend(balancer, frontend);
    for (const backend of backends) await this.#deleteBackend(balancer, backend);
  }

  async #deleteFrontend({ zone, lbId }: Place, { id: frontendId, inboundPort }: Lbv1.Frontend) {
    const what = `failed deleting frontend: ${frontendId} port: ${inboundPort} loadbalancer: ${lbId} err`;
    await explained(what, this.#lb.deleteFrontend({ zone, frontendId }));
  }

  async #deleteBackend({ zone, lbId }: Place, { id: backendId, forwardPort }: Lbv1.Backend) {
    const what = `failed deleting backend: ${backendId} port: ${forwardPort} loadbalancer: ${lbId} err`;
    await explained(what, this.#lb.deleteBackend({ zone, backendId }));
  }

  async #ensureBackend({ zone, lbId }: Place, is: Lbv1.Backend | undefined, port: WantedPort) {
    const { nodePort, backend: wanted } = port;
    const at = `port: ${nodePort} loadbalancer: ${lbId} err`;
    if (!is) {
      const made = this.#lb.createBackend({ zone, lbId, ...wanted });
      return explained(`failed creating backend ${at}`, made);
    }
    let now = is;
    if (!sameBackend(is, wanted)) {
      const { serverIp: _, healthCheck, ...rest } = wanted;
      const what = `failed updating backend ${is.id} ${at}`;
      now = await explained(what, this.#lb.updateBackend({ zone, backendId: is.id, ...rest }));
      await explained(what, this.#lb.updateHealthCheck({ zone, backendId: is.id, ...healthCheck }));
    }
    const same = [...now.pool].sort().join() === [...wanted.serverIp].sort().join();
    if (same) return now;
    const serverIp = wanted.serverIp;
    const set = this.#lb.setBackendServers({ zone, backendId: is.id, serverIp });
    return explained(`failed updating server list for backend: ${is.id} ${at}`, set);
  }

  async #ensureFrontend(
    { zone, lbId }: Place,
    is: Lbv1.Frontend | undefined,
    port: WantedPort,
    backendId: string,
  ): Promise<Lbv1.Frontend> {
    const at = `port: ${port.port} loadbalancer: ${lbId} err`;
    if (!is) {
      const made = this.#lb.createFrontend({ zone, lbId, backendId, ...port.frontend });
      return explained(`failed creating frontend ${at}`, made);
    }
    if (sameFrontend(is, port)) return is;
    // The comparison sorts the ids: an update sends them sorted, whatever the annotation's order.
    const certificateIds = [...port.frontend.certificateIds].sort();
    const request = { zone, frontendId: is.id, backendId, ...port.frontend, certificateIds };
    return explained(`failed updating frontend: ${is.id} ${at}`, this.#lb.updateFrontend(request));
  }

  async #ensureAcls(
    { zone, lbId }: Place,
    { id: frontendId, inboundPort }: Lbv1.Frontend,
    service: V1Service,
    nodes: string[],
  ): Promise<void> {
    const name = aclPrefix(frontendId);
    const is = await this.#lb.listAcls({ zone, frontendId, name }).all();
    const acls = wantedAcls(service, nodes, frontendId);
    if (sameAcls(is, acls)) return;
    const what = `failed setting ACLs for frontend: ${frontendId} port: ${inboundPort}`;
    await explained(
      `${what} loadbalancer: ${lbId} err`,
      this.#lb.setAcls({ zone, frontendId, acls }),
    );
  }
}

interface Place {
  zone: Zone;
  lbId: string;
}

/** By port; and those to remove, of ports that are not wanted or second ones of a port. */
function split<T>(all: T[], portOf: (one: T) => number, wanted: number[]): [Map<number, T>, T[]] {
  const kept = new Map<number, T>();
  const spare: T[] = [];
  for (const one of all) {
    const port = portOf(one);
    if (kept.has(port) || !wanted.includes(port)) spare.push(one);
    else kept.set(port, one);
  }
  return [kept, spare];
}

/** Says what was being done when a call fails. */
async function explained<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
