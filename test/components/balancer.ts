import type { LoadBalancerRef } from "../../components/privateLoadBalancer.ts";

/** A load balancer that exists: for what only refers to one. */
export const balancer: LoadBalancerRef = {
  loadBalancerId: "fr-par-1/11111111-1111-4111-8111-111111111111",
  loadBalancerName: "private-lb-prod-test",
  zone: "fr-par-1",
};
