/**
 * The data plane: what the load balancers that the Scaleway API holds do with connections. Each frontend
 * really terminates TLS with its first certificate and forwards to the nodes of its backend; each private
 * network has an HTTP proxy on loopback that stands for a client inside it and reaches exactly what that
 * network reaches. Nothing here ever dials an address outside of loopback.
 */
import type { Duplex } from "node:stream";
import type { NetworkView, ScalewayCloud } from "../clouds/scaleway/index.ts";
import { Frontends } from "./frontend.ts";
import { Listeners, type Wanted } from "./listeners.ts";
import { opener, type Refusal, type RunningProxy, startProxy } from "./proxy.ts";
import { clientAddress, internalAddresses, reach } from "./reach.ts";
import type { Current, Destination, Resolve, Route, ServedEvent } from "./types.ts";

export type { ServedEvent } from "./types.ts";

export interface DataPlaneOptions {
  scaleway: ScalewayCloud;
  route: Route;
  resolve: Resolve;
  /** Names of the private networks that get a proxy. */
  networks: string[];
  log?: (event: ServedEvent) => void;
}

export interface ListenerView {
  loadBalancer: string;
  frontend: string;
  /** The frontend's own. */
  port: number;
  network: string;
  address: string;
  /** On 127.0.0.1. */
  listeningOn: number;
}

export interface DataPlane {
  /** The proxy of a client inside that network. Throws for a network without one. */
  proxyUrl(network: string): string;
  /** The proxy of a client outside of every network, for whom nothing answers. */
  outsideProxyUrl: string;
  /** A listener per frontend and attached address; its clients count as the network's. */
  listeners(): Promise<ListenerView[]>;
  /** Calls `listener` on each connection to a frontend; the answer stops it. */
  onServed(listener: (event: ServedEvent) => void): () => void;
  close(): Promise<void>;
}

function networkNamed(scaleway: ScalewayCloud, name: string): NetworkView {
  const found = scaleway.networks().filter((network) => network.name === name);
  if (found.length !== 1 || !found[0])
    throw new Error(`one private network must be named ${name}; found ${found.length}`);
  return found[0];
}

interface Endpoint extends Destination {
  key: string;
  network: NetworkView;
  address: string;
}

function endpointsOf(scaleway: ScalewayCloud): Endpoint[] {
  return scaleway.loadBalancers().flatMap((lb) =>
    lb.frontends.flatMap((frontend) =>
      lb.privateNetworks
        .filter(({ status }) => status === "ready")
        .flatMap((network) =>
          network.addresses.map((address) => ({
            key: `${frontend.id}/${network.id}/${address}/${frontend.port}`,
            lb,
            frontend,
            network,
            address,
          })),
        ),
    ),
  );
}

export async function startDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const { scaleway, route, resolve } = options;
  const audience = new Set<(event: ServedEvent) => void>(options.log ? [options.log] : []);
  const current: Current = (seen) => {
    const lb = scaleway.loadBalancers().find(({ id }) => id === seen.lb.id);
    const frontend = lb?.frontends.find(({ id }) => id === seen.frontend.id);
    return lb && frontend ? { lb, frontend } : seen;
  };
  const frontends = new Frontends(route, current, (event) => {
    for (const listener of audience) listener(event);
  });
  const listeners = new Listeners();

  const accept = (
    stream: Duplex,
    destination: Destination,
    network: NetworkView,
    address: string,
    sourcePort: number,
  ): void => {
    const peer = { network, source: clientAddress(network), sourcePort, destination: address };
    frontends.accept(stream, destination, peer).catch(() => stream.destroy());
  };

  const update = (): void => {
    const endpoints = endpointsOf(scaleway);
    frontends.terminator.keep(
      new Set(endpoints.flatMap(({ frontend }) => frontend.certificates.map(({ id }) => id))),
    );
    listeners.reconcile(
      endpoints.map(
        (each): Wanted => ({
          key: each.key,
          accept: (socket) =>
            accept(socket, each, each.network, each.address, socket.remotePort ?? 0),
        }),
      ),
    );
  };

  const proxyOf = (name: string): Promise<RunningProxy> => {
    const network = networkNamed(scaleway, name);
    return startProxy(
      opener(
        async (host) => {
          const internal = internalAddresses(scaleway, network, host);
          return internal.length > 0 ? internal : resolve(host);
        },
        (address, port, sourcePort) => {
          const found = reach(scaleway, network, address, port);
          if ("status" in found) return found;
          return (stream) => accept(stream, found, network, address, sourcePort);
        },
      ),
    );
  };

  const outside = await startProxy(
    opener(resolve, (address): Refusal => {
      return { status: 504, reason: `no route from outside to ${address}` };
    }),
  );
  const proxies = new Map<string, RunningProxy>();
  for (const name of options.networks) proxies.set(name, await proxyOf(name));
  update();
  const stop = scaleway.onChange(update);

  return {
    proxyUrl: (network) => {
      const proxy = proxies.get(network);
      if (!proxy) throw new Error(`no proxy stands in network ${network}`);
      return proxy.url;
    },
    outsideProxyUrl: outside.url,
    listeners: async () => {
      const views = endpointsOf(scaleway).map(async (each): Promise<ListenerView[]> => {
        const listeningOn = await listeners.port(each.key);
        if (listeningOn === undefined) return [];
        const { lb, frontend, network, address } = each;
        return [
          {
            loadBalancer: lb.name,
            frontend: frontend.name,
            port: frontend.port,
            network: network.name,
            address,
            listeningOn,
          },
        ];
      });
      return (await Promise.all(views)).flat();
    },
    onServed: (listener) => {
      audience.add(listener);
      return () => audience.delete(listener);
    },
    close: async () => {
      stop();
      frontends.close();
      await Promise.all([outside, ...proxies.values()].map((proxy) => proxy.close()));
      await listeners.close();
    },
  };
}
