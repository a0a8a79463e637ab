/** Which nodes a load balancer forwards to. */
import type { V1Node, V1Service } from "@kubernetes/client-node";
import { annotationsOf, parseBoolean } from "./annotations.ts";

const EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";
const TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler";

export function isIncluded({ metadata }: V1Node): boolean {
  const excluded = metadata?.labels?.[EXCLUDED];
  return excluded === undefined || parseBoolean(excluded) === false;
}

/** Nodes that may be targets at all. */
export function candidates(nodes: readonly V1Node[]): V1Node[] {
  return nodes.filter((node) => {
    const leaving = node.spec?.taints?.some(({ key }) => key === TO_BE_DELETED);
    return isIncluded(node) && !leaving && !node.metadata?.deletionTimestamp;
  });
}

/** Those with the labels that the Service asks for: `a=b,c`. */
export function targetNodes(service: V1Service, nodes: V1Node[]): V1Node[] {
  const asked = annotationsOf(service)("target-node-labels") ?? "";
  const labels = asked
    .split(",")
    .map((label) => label.trim().split("="))
    .filter(([key]) => key !== "");
  return nodes.filter(({ metadata }) =>
    labels.every(([key = "", value = ""]) => {
      const is = metadata?.labels?.[key];
      return is !== undefined && (value === "" || is === value);
    }),
  );
}

export function internalAddresses(nodes: V1Node[]): string[] {
  return nodes.flatMap(({ status }) => {
    const internal = (status?.addresses ?? []).filter(({ type }) => type === "InternalIP");
    return internal.map(({ address }) => address);
  });
}
