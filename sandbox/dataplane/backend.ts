/** Connections to backend servers: round robin over those that take them. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import tls from "node:tls";
import type { BackendView, LoadBalancerView } from "../clouds/scaleway/index.ts";
import { within } from "../clouds/scaleway/subnet.ts";
import { proxyHeader } from "./proxyProtocol.ts";
import type { Peer, Route, Session } from "./types.ts";

export interface Upstream {
  socket: Socket;
  /** The server's address. */
  server: string;
}

export interface Unavailable {
  /** Per server, why it was not used. */
  reasons: string[];
}

/** TLS with the server, where the backend asks for it: behind the PROXY header, which is not part of it. */
async function encrypted(socket: Socket, backend: BackendView): Promise<Socket> {
  if (backend.tls === "off") return socket;
  const secure = tls.connect({ socket, rejectUnauthorized: backend.tls === "verified" });
  try {
    await once(secure, "secureConnect");
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return secure;
}

function isLoopback(host: string): boolean {
  return host === "::1" || within("127.0.0.0/8", host);
}

/** The load balancer's own address towards a server: the one in the server's network. */
function sourceTowards(lb: LoadBalancerView, server: string): string | undefined {
  return lb.privateNetworks.find((network) => within(network.subnet, server))?.addresses[0];
}

export class Backends {
  readonly #route: Route;
  /** Per backend, how many connections it was asked for. */
  readonly #turns = new Map<string, number>();
  readonly #open = new Set<Socket>();

  constructor(route: Route) {
    this.#route = route;
  }

  /** Servers, beginning with the one whose turn it is. */
  #inTurn({ id, servers }: BackendView): string[] {
    const turn = this.#turns.get(id) ?? 0;
    this.#turns.set(id, turn + 1);
    const first = servers.length === 0 ? 0 : turn % servers.length;
    return [...servers.slice(first), ...servers.slice(0, first)];
  }

  async #dial(lb: LoadBalancerView, backend: BackendView, server: string): Promise<Socket> {
    const source = sourceTowards(lb, server);
    if (source === undefined) throw new Error("the load balancer is in no network of this server");
    const target = await this.#route({
      nodeAddress: server,
      nodePort: backend.forwardPort,
      source,
    });
    if ("refused" in target) throw new Error(target.refused);
    // Everything here stands on loopback; another address would be somebody's real machine.
    if (!isLoopback(target.host)) throw new Error(`${target.host} is not a loopback address`);
    const socket = connect(target.port, target.host);
    this.#open.add(socket.once("close", () => this.#open.delete(socket)));
    await once(socket, "connect");
    return socket;
  }

  /** A connection to the first server that takes it, its PROXY header sent when the backend asks for one. */
  async connect({ lb, frontend }: Session, peer: Peer): Promise<Upstream | Unavailable> {
    const { backend } = frontend;
    const reasons: string[] = [];
    for (const server of this.#inTurn(backend)) {
      try {
        const socket = await this.#dial(lb, backend, server);
        if (backend.proxyProtocol !== "none")
          socket.write(
            proxyHeader(backend.proxyProtocol, { ...peer, destinationPort: frontend.port }),
          );
        return { socket: await encrypted(socket, backend), server };
      } catch (error) {
        reasons.push(`${server}:${backend.forwardPort}: ${(error as Error).message}`);
      }
    }
    return { reasons };
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
