/** Which changes of Services and nodes call for a sync: those of k8s.io/cloud-provider's service controller. */
import { isDeepStrictEqual } from "node:util";
import type { V1Node, V1Service } from "@kubernetes/client-node";
import { hasFinalizer } from "./kubernetes.ts";
import { isIncluded } from "./nodes.ts";

export function wantsLoadBalancer({ spec }: V1Service): boolean {
  return spec?.type === "LoadBalancer" && !spec.loadBalancerClass;
}

export function needsCleanup(service: V1Service): boolean {
  if (!hasFinalizer(service)) return false;
  return service.metadata?.deletionTimestamp !== undefined || !wantsLoadBalancer(service);
}

/** What a load balancer is made from: not labels, selectors, target ports or the status. */
function relevant({ metadata, spec }: V1Service) {
  const ports = (spec?.ports ?? []).map(({ name, protocol, port, nodePort }) => {
    return [name ?? "", protocol, port, nodePort];
  });
  return {
    uid: metadata?.uid,
    annotations: { ...metadata?.annotations },
    ports,
    sourceRanges: spec?.loadBalancerSourceRanges ?? [],
    affinity: spec?.sessionAffinity,
    affinitySeconds: spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds,
    loadBalancerIP: spec?.loadBalancerIP ?? "",
    externalIPs: spec?.externalIPs ?? [],
    trafficPolicy: spec?.externalTrafficPolicy,
    healthCheckNodePort: spec?.healthCheckNodePort,
    families: spec?.ipFamilies?.length,
  };
}

export function needsUpdate(old: V1Service, now: V1Service): boolean {
  if (!wantsLoadBalancer(old) && !wantsLoadBalancer(now)) return false;
  if (wantsLoadBalancer(old) !== wantsLoadBalancer(now)) return true;
  return !isDeepStrictEqual(relevant(old), relevant(now));
}

export function nodeNeedsSync(old: V1Node | undefined, now: V1Node): boolean {
  if (!old || isIncluded(old) !== isIncluded(now)) return true;
  return old.spec?.providerID !== now.spec?.providerID;
}

/** Tells one set of nodes from another. */
export function nodeSet(nodes: V1Node[]): string {
  return nodes
    .map(({ metadata, spec }) => `${metadata?.name} ${spec?.providerID ?? ""}`)
    .sort()
    .join("\n");
}
