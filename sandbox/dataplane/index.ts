/**
 * The data plane: what the load balancers that the Scaleway API holds do with connections. Each frontend
 * really terminates TLS with its first certificate and forwards to the nodes of its backend; each private
 * network has an HTTP proxy on loopback that stands for a client inside it and reaches exactly what that
 * network reaches. Nothing here ever dials an address outside of loopback.
 */
import type { Duplex } from "node:stream";
import type { NetworkView, ScalewayCloud } from "../clouds/scaleway/index.ts";
import { currentIn, type Endpoint, endpointsOf, networkNamed } from "./endpoints.ts";
import { Frontends } from "./frontend.ts";
import { Listeners, type Wanted } from "./listeners.ts";
import { opener, type Refusal, type RunningProxy, startProxy } from "./proxy.ts";
import { clientAddress, internalAddresses, reach } from "./reach.ts";
import type { Destination, Resolve, Route, ServedEvent } from "./types.ts";

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

/** Takes a client's connection to a destination. */
type Accept = (
  stream: Duplex,
  destination: Destination,
  network: NetworkView,
  address: string,
  sourcePort: number,
) => void;

export async function startDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const { scaleway } = options;
  const audience = new Set<(event: ServedEvent) => void>(options.log ? [options.log] : []);
  const frontends = new Frontends(options.route, currentIn(scaleway), (event) => {
    for (const listener of audience) listener(event);
  });
  const accept: Accept = (stream, destination, network, address, sourcePort) => {
    const peer = { network, source: clientAddress(network), sourcePort, destination: address };
    frontends.accept(stream, destination, peer).catch(() => stream.destroy());
  };
  const proxies = await startProxies(options, accept);
  const listeners = new Listeners();
  const update = () => follow(endpointsOf(scaleway), frontends, listeners, accept);
  update();
  const stop = scaleway.onChange(update);

  return {
    proxyUrl: (network) => {
      const proxy = proxies.inside.get(network);
      if (!proxy) throw new Error(`no proxy stands in network ${network}`);
      return proxy.url;
    },
    outsideProxyUrl: proxies.outside.url,
    listeners: async () => {
      const views = endpointsOf(scaleway).map((each) => view(each, listeners));
      return (await Promise.all(views)).flat();
    },
    onServed: (listener) => {
      audience.add(listener);
      return () => audience.delete(listener);
    },
    close: async () => {
      stop();
      frontends.close();
      const all = [proxies.outside, ...proxies.inside.values()];
      await Promise.all(all.map((proxy) => proxy.close()));
      await listeners.close();
    },
  };
}

interface Proxies {
  outside: RunningProxy;
  /** By network. */
  inside: Map<string, RunningProxy>;
}

async function startProxies(
  { scaleway, resolve, networks }: DataPlaneOptions,
  accept: Accept,
): Promise<Proxies> {
  const outside = await startProxy(
    opener(resolve, (address): Refusal => {
      return { status: 504, reason: `no route from outside to ${address}` };
    }),
  );
  const inside = new Map<string, RunningProxy>();
  for (const name of networks)
    inside.set(name, await proxyIn(networkNamed(scaleway, name), scaleway, resolve, accept));
  return { outside, inside };
}

function proxyIn(
  network: NetworkView,
  scaleway: ScalewayCloud,
  resolve: Resolve,
  accept: Accept,
): Promise<RunningProxy> {
  const find: Resolve = async (host) => {
    const internal = internalAddresses(scaleway, network, host);
    return internal.length > 0 ? internal : resolve(host);
  };
  return startProxy(
    opener(find, (address, port, sourcePort) => {
      const found = reach(scaleway, network, address, port);
      if ("status" in found) return found;
      return (stream) => accept(stream, found, network, address, sourcePort);
    }),
  );
}

/** Listens for, and has keys for, exactly these. */
function follow(
  endpoints: Endpoint[],
  frontends: Frontends,
  listeners: Listeners,
  accept: Accept,
): void {
  const certificates = endpoints.flatMap(({ frontend }) => frontend.certificates);
  frontends.terminator.keep(new Set(certificates.map(({ id }) => id)));
  listeners.reconcile(
    endpoints.map(
      (each): Wanted => ({
        key: each.key,
        accept: (socket) =>
          accept(socket, each, each.network, each.address, socket.remotePort ?? 0),
      }),
    ),
  );
}

async function view(
  { key, lb, frontend, network, address }: Endpoint,
  listeners: Listeners,
): Promise<ListenerView[]> {
  const listeningOn = await listeners.port(key);
  if (listeningOn === undefined) return [];
  const { name, port } = frontend;
  return [
    { loadBalancer: lb.name, frontend: name, port, network: network.name, address, listeningOn },
  ];
}
