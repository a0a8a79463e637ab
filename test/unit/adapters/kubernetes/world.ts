/** The adapter for Kubernetes, a cluster of a test's own behind it, and others who edit the same objects. */
import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { KubernetesClient } from "../../../../sandbox/adapters/kubernetes/client.ts";
import { kinds, type Reference } from "../../../../sandbox/adapters/kubernetes/kinds.ts";
import { loadKubeConfig } from "../../../../sandbox/adapters/kubernetes/kubeConfig.ts";
import { KubernetesProvider } from "../../../../sandbox/adapters/kubernetes/provider.ts";
import { CallLog } from "../../../../sandbox/clouds/api.ts";
import { type Cluster, startKubernetes } from "../../../../sandbox/clouds/kubernetes/index.ts";
import type { Props } from "../../../../sandbox/engine/provider.ts";
import { Lifecycle } from "../lifecycle.ts";

export const SERVICE = "kubernetes:core/v1:Service";
/** The annotation that names the load balancer. */
export const ID = "service.beta.kubernetes.io/scw-loadbalancer-id";

export interface World {
  cluster: Cluster;
  log: CallLog;
  provider: KubernetesProvider;
  /** Of the same cluster, with other settings. */
  newProvider(settings?: Props): Promise<KubernetesProvider>;
  newService(name: string, annotations?: Props, spec?: Props): Promise<Lifecycle>;
  core: CoreV1Api;
  /** The Service as the cluster has it. */
  stored(name: string): Promise<Props | undefined>;
  /** A JSON patch of a Service by somebody else. */
  edit(name: string, operations: Props[]): Promise<unknown>;
  annotate(name: string, key: string, value: string): Promise<unknown>;
  /** As a cloud controller does it. */
  setIngress(name: string, ...ips: string[]): Promise<unknown>;
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const log = new CallLog();
  const cluster = await startCluster(log);
  const config = { kubeconfig: JSON.stringify(cluster.kubeconfig()), context: "staging" };
  const newProvider = async (settings: Props = {}) => {
    const made = new KubernetesProvider({}, { settling: 30, retry: 10 });
    await made.configure({ ...config, ...settings });
    return made;
  };
  const provider = await newProvider();
  const kubeConfig = loadKubeConfig({}, config);
  const other = new KubernetesClient(kubeConfig);
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const edit: World["edit"] = (name, operations) => other.patch(reference(name), operations);
  return {
    ...{ cluster, log, provider, newProvider, core, edit },
    newService: (name, annotations, spec) =>
      new Lifecycle(provider, SERVICE).create(serviceNamed(name, annotations, spec)),
    stored: (name) => other.get(reference(name)),
    annotate: (name, key, value) =>
      edit(name, [
        { op: "add", path: `/metadata/annotations/${key.replaceAll("/", "~1")}`, value },
      ]),
    setIngress: (name, ...ips) =>
      core.patchNamespacedServiceStatus(
        {
          name,
          namespace: "ops-tools",
          body: { status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } } },
        },
        setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
      ),
    close: async () => {
      await Promise.all([provider.close(), other.close()]);
      await cluster.close();
    },
  };
}

async function startCluster(log: CallLog): Promise<Cluster> {
  const cluster = await startKubernetes({
    name: "staging",
    log,
    nodes: [{ name: "n1", address: "172.16.0.11", providerId: "scaleway://instance/fr-par-1/1" }],
    namespaces: ["ops-tools"],
  });
  cluster.addPod({
    namespace: "ops-tools",
    name: "test-0",
    labels: { app: "test" },
    containerPorts: [80],
  });
  return cluster;
}

/** A Service that the plugin does not wait for, as the program has it. */
export const serviceNamed = (name: string, annotations: Props = {}, spec: Props = {}): Props => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: {
    name,
    namespace: "ops-tools",
    annotations: { "pulumi.com/skipAwait": "true", [ID]: "fr-par-1/1", ...annotations },
  },
  spec: {
    type: "LoadBalancer",
    selector: { app: "test" },
    ports: [{ name: "https", port: 443, targetPort: 80 }],
    ...spec,
  },
});

const reference = (name: string): Reference => ({
  kind: kinds[SERVICE] as Reference["kind"],
  namespace: "ops-tools",
  name,
});

export const metadataOf = (object: Props | undefined) => object?.["metadata"] as Props;
