/**
 * What IAM permission sets allow, for those that the project names:
 * https://www.scaleway.com/en/docs/iam/reference-content/permission-sets/
 */
import type { Access, Product } from "./store.ts";

/** `private-networks` is that part of the VPC API; `vpc` the rest of it. */
export type Area = Product | "private-networks";

const AREAS: Record<string, Area[]> = {
  LoadBalancers: ["lb"],
  IPAM: ["ipam"],
  PrivateNetworks: ["private-networks"],
  VPC: ["vpc", "private-networks"],
  Instances: ["instance"],
  Kubernetes: ["k8s"],
  VPCGateway: ["vpc-gw"],
  Observability: ["cockpit"],
  IAM: ["iam"],
  AllProducts: ["lb", "ipam", "vpc", "private-networks", "instance", "k8s", "vpc-gw", "cockpit"],
};

/** The most that any of the sets gives. */
export function accessBy(sets: readonly string[], area: Area): Access {
  const given = sets.flatMap((set) => {
    const [, what = "", access] = /^(\w+?)(FullAccess|ReadOnly)$/.exec(set) ?? [];
    return AREAS[what]?.includes(area) ? [access] : [];
  });
  if (given.includes("FullAccess")) return "full";
  return given.includes("ReadOnly") ? "read" : "none";
}
