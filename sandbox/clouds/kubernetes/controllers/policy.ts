/** NetworkPolicies on the way into a pod. https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
import { inCidr } from "../addresses.ts";
import { kindNamed } from "../kinds.ts";
import type { Registry } from "../registry.ts";
import { matchesLabels } from "../selectors.ts";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, Pod } from "../types.ts";
import { targetPort } from "./endpoints.ts";

export interface Connection {
  /** As the node presents it. */
  source: string;
  pod: Pod;
  /** On the pod. */
  port: number;
  protocol: string;
}

/** Why the connection is refused; `undefined` when it is admitted. */
export function refusal(registry: Registry, connection: Connection): string | undefined {
  const { pod, source, port } = connection;
  const { namespace = "", name, labels } = pod.metadata;
  const policies = registry.list(kindNamed("NetworkPolicy"), namespace) as NetworkPolicy[];
  const selecting = policies.filter(({ spec = {} }) => {
    return spec.policyTypes?.includes("Ingress") && matchesLabels(spec.podSelector, labels);
  });
  if (selecting.length === 0) return undefined;
  const admitted = selecting.some(({ spec }) =>
    (spec?.ingress ?? []).some(({ from, ports }) => {
      return fromAny(registry, from, connection) && toAny(ports, connection);
    }),
  );
  if (admitted) return undefined;
  const names = selecting.map(({ metadata }) => `${namespace}/${metadata.name}`).join(", ");
  return `NetworkPolicy ${names} does not admit ${source} to port ${port} of pod ${namespace}/${name}`;
}

function fromAny(
  registry: Registry,
  peers: NetworkPolicyPeer[] | undefined,
  to: Connection,
): boolean {
  if (!peers?.length) return true;
  return peers.some((peer) => isPeer(registry, peer, to));
}

function isPeer(registry: Registry, peer: NetworkPolicyPeer, { source, pod }: Connection): boolean {
  const { ipBlock, podSelector, namespaceSelector } = peer;
  if (ipBlock) {
    const excepted = (ipBlock.except ?? []).some((range) => inCidr(source, range));
    return inCidr(source, ipBlock.cidr) && !excepted;
  }
  const pods = registry.list(kindNamed("Pod")) as Pod[];
  const from = pods.find(({ status }) => status?.podIP === source);
  if (!from || !matchesLabels(podSelector, from.metadata.labels)) return false;
  const { namespace = "" } = from.metadata;
  if (!namespaceSelector) return namespace === pod.metadata.namespace;
  const found = registry.find({ kind: kindNamed("Namespace"), namespace: "", name: namespace });
  return matchesLabels(namespaceSelector, found?.metadata.labels);
}

function toAny(ports: NetworkPolicyPort[] | undefined, connection: Connection): boolean {
  if (!ports?.length) return true;
  return ports.some(({ port, endPort, protocol = "TCP" }) => {
    if (protocol !== connection.protocol) return false;
    if (port === undefined) return true;
    const named = { port: 0, targetPort: port, protocol };
    const first = targetPort(named, connection.pod);
    if (first === undefined) return false;
    return connection.port >= first && connection.port <= (endPort ?? first);
  });
}
