/** One environment of the platform: VPC and private network, nodes, cluster, CCM, and the tools that run there. */
import { clusterPrivileges } from "../../privileges/kubernetes.ts";
import { type Ccm, type ScalewayAccess, startCcm } from "../ccm/index.ts";
import type { CallLog } from "../clouds/api.ts";
import {
  type Cluster,
  type Kubeconfig,
  type Rule,
  startKubernetes,
} from "../clouds/kubernetes/index.ts";
import type { ScalewayCloud } from "../clouds/scaleway/index.ts";
import { containerPorts, type Environment, namespace, tools } from "./fixtures.ts";

const ZONE = "fr-par-1";

export interface SiteOptions {
  environment: Environment;
  scaleway: ScalewayCloud;
  /** With what the CCM asks Scaleway. */
  access: ScalewayAccess;
  log: CallLog;
}

export interface Site {
  environment: Environment;
  cluster: Cluster;
  /** Scaleway's id of the cluster. */
  kapsuleId: string;
  ccm: Ccm;
  /** Of the user that runs the program, who may do what privileges/kubernetes.yaml says. */
  kubeconfig: Kubeconfig;
  close(): Promise<void>;
}

export async function startSite({
  environment,
  scaleway,
  access,
  log,
}: SiteOptions): Promise<Site> {
  const { name, subnet } = environment;
  const vpc = scaleway.addVpc({ name });
  const network = scaleway.addPrivateNetwork({ name, vpcId: vpc.id, subnet });
  const nodes = environment.nodes.map((address, index) => {
    const node = { name: `${name}-node-${index + 1}`, address };
    const at = { zone: ZONE, privateNetworkId: network.id };
    const server = scaleway.addServer({ ...node, ...at });
    return { ...node, providerId: `scaleway://instance/${ZONE}/${server.id}` };
  });
  const cluster = await startKubernetes({ name, log, nodes, namespaces: [namespace] });
  const kapsule = scaleway.addCluster({
    ...{ name, zone: ZONE, privateNetworkId: network.id, url: cluster.url },
    size: nodes.length,
  });
  for (const tool of tools)
    for (const node of nodes)
      await cluster.addPod({
        namespace,
        name: `${tool}-${node.name}`,
        labels: { "app.kubernetes.io/name": tool, "app.kubernetes.io/instance": tool },
        containerPorts,
        node: node.name,
      });
  const ccm = await startCcm({
    kubeconfig: cluster.kubeconfig(),
    scaleway: access,
    privateNetworkId: network.id,
    clusterId: kapsule.id,
  });
  const close = async () => {
    await ccm.close();
    await cluster.close();
  };
  const token = cluster.addToken({ user: "private-lb", rules: programRules() });
  const kubeconfig = cluster.kubeconfig(token);
  return { environment, cluster, kapsuleId: kapsule.id, ccm, kubeconfig, close };
}

/** As the Role binds them in the one namespace of the tools, and the ClusterRole everywhere. */
function programRules(): Rule[] {
  const { namespaced, clusterWide } = clusterPrivileges();
  return [...namespaced.map((rule) => ({ ...rule, namespaces: [namespace] })), ...clusterWide];
}
