/** The Kubernetes API of the sandbox, with the parts of a cluster behind it that the job needs. */
import { type CallLog, createApi } from "../api.ts";
import type { Identity } from "./api/auth.ts";
import { createServingCertificate } from "./ca.ts";
import { administrator, Cluster, furnish, type NodeOptions, newToken } from "./cluster.ts";
import { startEndpointsController } from "./controllers/endpoints.ts";
import { startGarbageCollector } from "./controllers/garbage.ts";
import { Kubelet } from "./controllers/kubelet.ts";
import { startNamespaceController } from "./controllers/namespaces.ts";
import { KubeProxy } from "./controllers/proxy.ts";
import { Registry } from "./registry.ts";
import { registerRoutes } from "./server.ts";
import { Store } from "./store.ts";

export type { Identity, Rule } from "./api/auth.ts";
export { Cluster, type Kubeconfig, mergeKubeconfigs } from "./cluster.ts";
export type { Route } from "./controllers/proxy.ts";

export interface KubernetesOptions {
  name: string;
  log: CallLog;
  nodes: NodeOptions[];
  /** Beside `default` and the system's own. */
  namespaces?: string[];
  /** Further tokens, with what they may do; an administrator's is made in any case. */
  tokens?: Record<string, Identity>;
  /** @default 10.32.0.0/20 */
  serviceCidr?: string;
  /** @default 100.64.0.0/15; each node has a /24 of it */
  podCidr?: string;
}

/** Starts a cluster whose API listens on loopback, over HTTPS with an authority of its own. */
export async function startKubernetes(options: KubernetesOptions): Promise<Cluster> {
  const { name, log, nodes, namespaces = [] } = options;
  const { serviceCidr = "10.32.0.0/20", podCidr = "100.64.0.0/15" } = options;
  const registry = new Registry(new Store(), { serviceCidr, podCidr });
  const kubelet = new Kubelet(registry);
  const loops = [
    startNamespaceController(registry),
    startEndpointsController(registry),
    startGarbageCollector(registry),
  ];
  furnish(registry, namespaces, nodes, { podCidr, serviceCidr });
  // The controllers follow in microtasks; what they make belongs to the cluster as well.
  await new Promise((resolve) => setImmediate(resolve));
  const { caPem, certPem, keyPem } = await createServingCertificate(name);
  const token = newToken();
  const tokens = new Map(Object.entries(options.tokens ?? {})).set(token, administrator());
  const api = createApi({
    name: "kubernetes",
    instance: name,
    log,
    tls: { key: keyPem, cert: certPem },
  });
  const watches = new AbortController();
  registerRoutes(api.app, { registry, tokens, signal: watches.signal });
  const url = await api.listen();
  const closeApi = async () => {
    watches.abort();
    await api.close();
  };
  const proxy = new KubeProxy(registry, kubelet);
  const { intercept } = api;
  const parts = { name, url, caPem, token, podCidr, serviceCidr, intercept };
  return new Cluster({ ...parts, registry, kubelet, proxy, loops, tokens, closeApi });
}
