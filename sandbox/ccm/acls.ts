/** `spec.loadBalancerSourceRanges` as access rules of a frontend: the ranges and the nodes are let in, others not. */
import { isDeepStrictEqual } from "node:util";
import type { V1Service } from "@kubernetes/client-node";
import type { Lbv1 } from "@scaleway/sdk-lb";

const SUBNETS_PER_RULE = 60;

export function aclPrefix(frontendId: string): string {
  return `${frontendId}-lb-source-range`;
}

export function wantedAcls(
  service: V1Service,
  nodes: string[],
  frontendId: string,
): Lbv1.AclSpec[] {
  const ranges = service.spec?.loadBalancerSourceRanges ?? [];
  if (ranges.length === 0) return [];
  const allowed = [...nodes, ...ranges.map((range) => range.trim().replace(/\/32$/, ""))].sort();
  const chunks = Array.from({ length: Math.ceil(allowed.length / SUBNETS_PER_RULE) }, (_, i) => {
    return allowed.slice(i * SUBNETS_PER_RULE, (i + 1) * SUBNETS_PER_RULE);
  });
  const prefix = aclPrefix(frontendId);
  const allow = chunks.map((subnets, index) => rule(`${prefix}-${index}`, "allow", subnets, index));
  const end = rule(`${prefix}-end`, "deny", ["0.0.0.0/0", "::/0"], chunks.length);
  return [...allow, end];
}

function rule(
  name: string,
  type: "allow" | "deny",
  ipSubnet: string[],
  index: number,
): Lbv1.AclSpec {
  return {
    name,
    index,
    description: "",
    action: { type },
    match: {
      ipSubnet,
      ipsEdgeServices: false,
      httpFilter: "acl_http_filter_none",
      httpFilterValue: [],
      httpFilterOption: "",
      invert: false,
    },
  };
}

type Rule = Pick<Lbv1.AclSpec, "name" | "index" | "action" | "match">;

export function sameAcls(is: Lbv1.Acl[], wanted: Lbv1.AclSpec[]): boolean {
  return isDeepStrictEqual(comparable(is as Rule[]), comparable(wanted));
}

function comparable(rules: Rule[]) {
  const sorted = [...rules].sort((a, b) => a.index - b.index);
  return sorted.map(({ name, index, action, match }) => {
    return { name, index, type: action?.type, subnets: [...(match?.ipSubnet ?? [])].sort() };
  });
}
