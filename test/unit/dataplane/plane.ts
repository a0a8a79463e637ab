/** A data plane of a test's own: one Scaleway, one network, a load balancer and servers behind it. */
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Lbv1 } from "@scaleway/sdk-lb";
import {
  type DataPlane,
  type DataPlaneOptions,
  type ServedEvent,
  startDataPlane,
} from "../../../sandbox/dataplane/index.ts";
import { type Clients, startCloud } from "../scaleway/cloud.ts";
import { type Authority, createAuthority, type Issued } from "../scaleway/pki.ts";

export interface Node {
  /** As the load balancer has it. */
  address: string;
  port: number;
  /** What reached it: the request's headers, or for TCP what was sent. */
  seen: string[];
  server: Server;
}

const sockets = new Set<Socket>();

async function listening(server: Server): Promise<number> {
  server.on("connection", (socket: Socket) => {
    sockets.add(socket.once("close", () => sockets.delete(socket)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Answers every HTTP request with its name, and echoes bodies; over TLS where it has a certificate of its own. */
export async function httpNode(address: string, name: string, own?: Issued): Promise<Node> {
  const seen: string[] = [];
  const answer: http.RequestListener = (request, response) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    response.setHeader("x-node", name);
    if (request.method === "GET") response.end(`hello from ${name}\n`);
    else request.pipe(response);
  };
  const server = own
    ? https.createServer({ cert: own.chainPem, key: own.privateKeyPem }, answer)
    : http.createServer(answer);
  server.on("upgrade", (_request, socket: Socket) => {
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
    );
    socket.pipe(socket);
  });
  return { address, port: await listening(server), seen, server };
}

/** Sends back what it gets, and remembers it. */
export async function echoNode(address: string): Promise<Node> {
  const seen: string[] = [];
  const server = createServer((socket) => {
    socket.on("data", (data) => seen.push(data.toString("latin1")));
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  return { address, port: await listening(server), seen, server };
}

export interface Plane extends Clients {
  plane: DataPlane;
  authority: Authority;
  /** Node address to server; take one away and the node refuses. */
  nodes: Map<string, Node>;
  names: Map<string, string[]>;
  events: ServedEvent[];
  routed: { nodeAddress: string; nodePort: number; source: string }[];
  attach(lbId: string, networkId: string): Promise<string>;
  certificate(lbId: string, issued: Issued): Promise<string>;
  serve(args: {
    lbId: string;
    port?: number;
    servers: string[];
    protocol?: "tcp" | "http";
    certificateIds?: string[];
    proxyProtocol?: Lbv1.ProxyProtocol;
    /** TLS to the servers. */
    tls?: "verified" | "unverified";
  }): Promise<Lbv1.Frontend>;
  stop(): Promise<void>;
}

/** Networks: `staging` (172.16.0.0/22) and the further ones, each in a VPC of its name or of the one given. */
export async function startPlane(
  networks: { name: string; subnet: string; vpc?: string }[] = [],
  options: Partial<DataPlaneOptions> = {},
): Promise<Plane & { ids: Record<string, string> }> {
  const clients = await startCloud();
  const all = [{ name: "staging", subnet: "172.16.0.0/22" }, ...networks];
  const vpcs = new Map<string, string>();
  const ids: Record<string, string> = {};
  for (const { name, subnet, vpc = name } of all as {
    name: string;
    subnet: string;
    vpc?: string;
  }[]) {
    const vpcId = vpcs.get(vpc) ?? clients.cloud.addVpc({ name: vpc }).id;
    vpcs.set(vpc, vpcId);
    ids[name] = clients.cloud.addPrivateNetwork({ name, vpcId, subnet }).id;
  }
  const nodes = new Map<string, Node>();
  const names = new Map<string, string[]>();
  const events: ServedEvent[] = [];
  const routed: Plane["routed"] = [];
  const plane = await startDataPlane({
    scaleway: clients.cloud,
    networks: all.map(({ name }) => name),
    resolve: async (name) => names.get(name) ?? [],
    route: async (request) => {
      routed.push(request);
      const node = nodes.get(request.nodeAddress);
      return node
        ? { host: "127.0.0.1", port: node.port }
        : { refused: `no endpoint on node ${request.nodeAddress}` };
    },
    log: (event) => events.push(event),
    ...options,
  });
  return {
    ...clients,
    ids,
    plane,
    authority: await createAuthority(),
    nodes,
    names,
    events,
    routed,
    attach: async (lbId, networkId) => {
      const ip = await clients.ipam.bookIP({
        source: { privateNetworkId: networkId },
        isIpv6: false,
      });
      await clients.lb.attachPrivateNetwork({
        lbId,
        privateNetworkId: networkId,
        ipamIds: [ip.id],
      });
      return ip.address.split("/")[0] ?? "";
    },
    certificate: async (lbId, issued) => {
      const { id } = await clients.lb.createCertificate({
        lbId,
        customCertificate: { certificateChain: issued.chainPem + issued.privateKeyPem },
      });
      return id;
    },
    serve: async ({
      lbId,
      port = 443,
      servers,
      protocol = "tcp",
      certificateIds,
      proxyProtocol,
      tls,
    }) => {
      const backend = await clients.lb.createBackend({
        lbId,
        forwardProtocol: protocol,
        forwardPort: 30080,
        forwardPortAlgorithm: "roundrobin",
        stickySessions: "none",
        stickySessionsCookieName: "",
        healthCheck: { port: 30080, checkMaxRetries: 1, checkSendProxy: false },
        serverIp: servers,
        ...(proxyProtocol && { proxyProtocol }),
        ...(tls && { sslBridging: true, ignoreSslServerVerify: tls === "unverified" }),
      });
      return clients.lb.createFrontend({
        lbId,
        inboundPort: port,
        backendId: backend.id,
        enableHttp3: false,
        enableAccessLogs: false,
        ...(certificateIds && { certificateIds }),
      });
    },
    stop: async () => {
      await plane.close();
      await clients.cloud.close();
      for (const { server } of nodes.values()) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
