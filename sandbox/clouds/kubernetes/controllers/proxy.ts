/** kube-proxy and the nodes' enforcement of NetworkPolicies: where a connection to a node port ends. */
import { kindNamed } from "../kinds.ts";
import type { Registry } from "../registry.ts";
import type { KubeObject, Pod, Service, ServicePort } from "../types.ts";
import { type DemoServer, startHealthServer } from "./demo.ts";
import { isReady, podsOf, targetPort } from "./endpoints.ts";
import type { Kubelet } from "./kubelet.ts";
import { refusal } from "./policy.ts";

export interface RouteRequest {
  /** Internal address of a node. */
  nodeAddress: string;
  /** A Service's node port, or its healthCheckNodePort. */
  nodePort: number;
  /** Address of the client as the node sees it: the load balancer's. */
  source: string;
}

export type Route = { host: "127.0.0.1"; port: number } | { refused: string };

export class KubeProxy {
  readonly #registry: Registry;
  readonly #kubelet: Kubelet;
  readonly #health = new Map<string, Promise<DemoServer>>();
  #next = 0;

  constructor(registry: Registry, kubelet: Kubelet) {
    this.#registry = registry;
    this.#kubelet = kubelet;
  }

  async route({ nodeAddress, nodePort, source }: RouteRequest): Promise<Route> {
    const node = this.#nodeAt(nodeAddress);
    if (!node) return { refused: `no node has the address ${nodeAddress}` };
    const services = this.#registry.list(kindNamed("Service")) as Service[];
    const checked = services.find(({ spec }) => spec.healthCheckNodePort === nodePort);
    if (checked) return this.#healthRoute(checked, node);
    for (const service of services) {
      const port = service.spec.ports?.find((one) => one.nodePort === nodePort);
      if (port) return this.#servicePort(service, port, node, { nodeAddress, nodePort, source });
    }
    return { refused: `no Service has the node port ${nodePort}` };
  }

  async close(): Promise<void> {
    const servers = await Promise.all(this.#health.values());
    await Promise.all(servers.map((server) => server.close()));
  }

  #nodeAt(address: string): string | undefined {
    type Addresses = { addresses?: { address: string }[] };
    const nodes = this.#registry.list(kindNamed("Node"));
    const node = nodes.find((one: KubeObject) => {
      return ((one["status"] ?? {}) as Addresses).addresses?.some((a) => a.address === address);
    });
    return node?.metadata.name;
  }

  async #servicePort(
    service: Service,
    port: ServicePort,
    node: string,
    { nodeAddress, source }: RouteRequest,
  ): Promise<Route> {
    const local = service.spec.externalTrafficPolicy === "Local";
    const name = `${service.metadata.namespace}/${service.metadata.name}`;
    const endpoints = this.#readyPods(service).filter(
      (pod) => !local || pod.spec.nodeName === node,
    );
    if (endpoints.length === 0) {
      const where = local ? ` on node ${node} (externalTrafficPolicy: Local)` : "";
      return { refused: `Service ${name} has no ready endpoint${where}` };
    }
    const pod = endpoints[this.#next++ % endpoints.length] as Pod;
    const target = targetPort(port, pod);
    const podName = `${pod.metadata.namespace}/${pod.metadata.name}`;
    if (target === undefined || !listens(pod, target)) {
      return { refused: `pod ${podName} does not listen on port ${port.targetPort}` };
    }
    // Without Local, kube-proxy masquerades: the pod sees the node as the client.
    const seen = local ? source : nodeAddress;
    const connection = { source: seen, pod, port: target, protocol: port.protocol ?? "TCP" };
    const refused = refusal(this.#registry, connection);
    if (refused) return { refused };
    return { host: "127.0.0.1", port: await this.#kubelet.portOf(pod, target, seen) };
  }

  #readyPods(service: Service): Pod[] {
    return podsOf(this.#registry, service).filter((pod) => {
      return service.spec.publishNotReadyAddresses || isReady(pod);
    });
  }

  async #healthRoute(service: Service, node: string): Promise<Route> {
    const { namespace = "", name, uid } = service.metadata;
    const key = `${uid} ${node}`;
    const count = () => {
      const now = this.#registry.find({ kind: kindNamed("Service"), namespace, name }) ?? service;
      return this.#readyPods(now as Service).filter((pod) => pod.spec.nodeName === node).length;
    };
    const server = this.#health.get(key) ?? startHealthServer({ namespace, name }, count);
    this.#health.set(key, server);
    return { host: "127.0.0.1", port: (await server).port };
  }
}

function listens(pod: Pod, port: number): boolean {
  return (pod.spec.containers ?? []).some((container) => {
    return container.ports?.some(({ containerPort }) => containerPort === port);
  });
}
