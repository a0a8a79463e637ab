/** A Kubernetes cluster of the sandbox: API server, controllers, pods, node ports. */
import { randomBytes } from "node:crypto";
import type { Intercept } from "../interceptors.ts";
import { addressAt } from "./addresses.ts";
import type { Identity } from "./api/auth.ts";
import type { Kubelet } from "./controllers/kubelet.ts";
import type { Loop } from "./controllers/loop.ts";
import type { KubeProxy, Route, RouteRequest } from "./controllers/proxy.ts";
import { KINDS, kindNamed } from "./kinds.ts";
import type { Registry } from "./registry.ts";
import type { KubeObject } from "./types.ts";

export interface NodeOptions {
  name: string;
  /** In the cluster's private network. */
  address: string;
  /** `scaleway://instance/fr-par-1/<uuid>` */
  providerId: string;
}

export interface PodOptions {
  namespace: string;
  name: string;
  labels?: Record<string, string>;
  containerPorts: number[];
  /** @default one after the other */
  node?: string;
}

export interface Kubeconfig {
  apiVersion: "v1";
  kind: "Config";
  clusters: { name: string; cluster: { server: string; "certificate-authority-data": string } }[];
  users: { name: string; user: { token: string } }[];
  contexts: { name: string; context: { cluster: string; user: string; namespace?: string } }[];
  "current-context": string;
}

export interface InventoryEntry {
  kind: string;
  namespace: string;
  name: string;
}

const MANAGER = "sandbox";

export interface ClusterParts {
  name: string;
  url: string;
  caPem: string;
  token: string;
  podCidr: string;
  serviceCidr: string;
  registry: Registry;
  kubelet: Kubelet;
  proxy: KubeProxy;
  loops: Loop[];
  intercept: Intercept;
  tokens: Map<string, Identity>;
  closeApi(): Promise<void>;
}

export class Cluster {
  readonly name: string;
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly caPem: string;
  /** Of an administrator. */
  readonly token: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly intercept: Intercept;
  readonly #parts: ClusterParts;
  /** Uids of what belongs to the cluster itself. */
  readonly #own: Set<string>;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.url = parts.url;
    this.caPem = parts.caPem;
    this.token = parts.token;
    this.podCidr = parts.podCidr;
    this.serviceCidr = parts.serviceCidr;
    this.intercept = parts.intercept;
    this.#own = new Set(this.#objects().map(({ metadata }) => metadata.uid ?? ""));
  }

  /** One context, named as the cluster, which is also the current one. @param token the administrator's by default */
  kubeconfig(token = this.token): Kubeconfig {
    const { name, url, caPem } = this;
    const authority = Buffer.from(caPem).toString("base64");
    return {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster: { server: url, "certificate-authority-data": authority } }],
      users: [{ name, user: { token } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      "current-context": name,
    };
  }

  /** A further token, with what it may do. */
  addToken(identity: Identity): string {
    const token = newToken();
    this.#parts.tokens.set(token, identity);
    return token;
  }

  /** A running pod that counts as part of the cluster. @throws ApiError 404, 409, 422 */
  addPod({ namespace, name, labels = {}, containerPorts, node }: PodOptions): void {
    const ports = containerPorts.map((containerPort) => ({ containerPort }));
    const object = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, labels },
      spec: {
        containers: [{ name: "demo", image: "demo:1", ports }],
        ...(node && { nodeName: node }),
      },
    };
    const { registry } = this.#parts;
    const pod = registry.create(kindNamed("Pod"), namespace, object, { manager: MANAGER });
    this.#own.add(pod.metadata.uid ?? "");
  }

  /** Makes a pod ready or not, as its readiness probe would. @throws ApiError 404 */
  setReady(namespace: string, name: string, ready: boolean): void {
    this.#parts.kubelet.setReady(namespace, name, ready);
  }

  /** Where a connection to a node port ends up, or why it does not. */
  route(request: RouteRequest): Promise<Route> {
    return this.#parts.proxy.route(request);
  }

  /** What exists beyond the cluster itself; events and leases do not count. */
  inventory(): InventoryEntry[] {
    return this.#objects()
      .filter(({ metadata }) => !this.#own.has(metadata.uid ?? ""))
      .map(({ kind, metadata: { namespace = "", name } }) => ({ kind, namespace, name }));
  }

  #objects(): KubeObject[] {
    return KINDS.filter(
      (kind) => !kind.review && kind.kind !== "Event" && kind.kind !== "Lease",
    ).flatMap((kind) => this.#parts.registry.list(kind));
  }

  async close(): Promise<void> {
    const { loops, kubelet, proxy, closeApi } = this.#parts;
    for (const loop of loops) loop.stop();
    await closeApi();
    await Promise.all([kubelet.close(), proxy.close()]);
  }
}

/** All contexts in one file; the first one is current. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: configs.flatMap((config) => config.clusters),
    users: configs.flatMap((config) => config.users),
    contexts: configs.flatMap((config) => config.contexts),
    "current-context": configs[0]?.["current-context"] ?? "",
  };
}

export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

export function administrator(): Identity {
  return { user: "admin", groups: ["system:masters"] };
}

const SYSTEM_NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** What a new cluster has: namespaces, nodes, the `kubernetes` Service. */
export function furnish(
  registry: Registry,
  namespaces: string[],
  nodes: NodeOptions[],
  { podCidr, serviceCidr }: { podCidr: string; serviceCidr: string },
): void {
  const create = (kind: string, namespace: string, object: KubeObject) => {
    registry.create(kindNamed(kind), namespace, object, { manager: MANAGER });
  };
  for (const name of new Set([...SYSTEM_NAMESPACES, ...namespaces])) {
    create("Namespace", "", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  for (const [i, node] of nodes.entries()) {
    create("Node", "", nodeObject(node, `${addressAt(podCidr, i * 256)}/24`));
  }
  const labels = { component: "apiserver", provider: "kubernetes" };
  const clusterIP = addressAt(serviceCidr, 1);
  create("Service", "default", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kubernetes", labels },
    spec: { clusterIP, ports: [{ name: "https", port: 443, targetPort: 6443 }] },
  });
}

function nodeObject({ name, address, providerId }: NodeOptions, podCIDR: string): KubeObject {
  const zone = providerId.split("/").at(-2) ?? "";
  const now = new Date().toISOString();
  const ready = {
    type: "Ready",
    status: "True",
    reason: "KubeletReady",
    message: "kubelet is posting ready status",
    lastHeartbeatTime: `${now.slice(0, 19)}Z`,
    lastTransitionTime: `${now.slice(0, 19)}Z`,
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "topology.kubernetes.io/region": zone.replace(/-\d+$/, ""),
        "topology.kubernetes.io/zone": zone,
      },
    },
    spec: { podCIDR, podCIDRs: [podCIDR], providerID: providerId },
    status: {
      addresses: [
        { type: "InternalIP", address },
        { type: "Hostname", address: name },
      ],
      capacity: { cpu: "4", memory: "16Gi", pods: "110" },
      allocatable: { cpu: "3800m", memory: "14Gi", pods: "110" },
      conditions: [ready],
      nodeInfo: {
        architecture: "amd64",
        operatingSystem: "linux",
        kubeletVersion: "v1.36.0",
        kubeProxyVersion: "v1.36.0",
        containerRuntimeVersion: "containerd://2.2.0",
        kernelVersion: "6.8.0",
        osImage: "Ubuntu 24.04",
        machineID: name,
        systemUUID: name,
        bootID: name,
      },
    },
  };
}
