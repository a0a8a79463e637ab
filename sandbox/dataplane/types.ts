/** What the parts of the data plane tell each other. */
import type { Duplex } from "node:stream";
import type { FrontendView, LoadBalancerView, NetworkView } from "../clouds/scaleway/index.ts";

export interface RouteRequest {
  /** A backend server's address, as the load balancer has it. */
  nodeAddress: string;
  nodePort: number;
  /** The load balancer's address in the node's network. */
  source: string;
}

/** Where a node's port leads, on loopback; or why the node does not take the connection. */
export type Route = (
  request: RouteRequest,
) => Promise<{ host: string; port: number } | { refused: string }>;

/** The addresses of a name; empty, or an error that says why, when there are none. */
export type Resolve = (name: string) => Promise<string[]>;

/** Where a connection to a load balancer comes from. */
export interface Peer {
  network: NetworkView;
  /** Address and port of the client in its network. */
  source: string;
  sourcePort: number;
  /** The load balancer's address that the client asked for. */
  destination: string;
}

/** A frontend as it was when the connection arrived. */
export interface Destination {
  lb: LoadBalancerView;
  frontend: FrontendView;
}

/** The same frontend as it is now; as it was, when it is gone. */
export type Current = (destination: Destination) => Destination;

export interface Session extends Destination {
  peer: Peer;
  stream: Duplex;
  /** Whether the client speaks TLS with the load balancer. */
  secure: boolean;
}

/** One connection to a frontend, told when its fate is known. */
export interface ServedEvent {
  loadBalancer: string;
  frontend: string;
  port: number;
  /** The network that the client is in. */
  network: string;
  source: string;
  /** Lower-case hexadecimal; absent without TLS. */
  serial?: string;
  /** The backend server that took it; absent when none did. */
  server?: string;
  outcome: "forwarded" | "denied" | "handshake failed" | "no backend";
}
