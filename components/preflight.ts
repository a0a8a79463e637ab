import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./dynamicResource.ts";

export interface PreflightArgs {
  /** The endpoint's domain, or the name of a load balancer that several share. */
  domain: string;
  /** Scaleway zone. */
  zone: pulumi.Input<string>;
  /** The name that the load balancer is to have. @default one that has a preflight of its own */
  loadBalancer?: string;
  /** The tags that the load balancer is to have. */
  tags: string[];
  /** The names that are to have an A record, each with Cloudflare's id of its zone. */
  records: { name: string; zoneId: pulumi.Input<string> }[];
  /** `<project>/<stack>` */
  owner: string;
  /** The addresses that are to be reserved and no other: Scaleway's region, name and id of the network, IPv4. */
  addresses: {
    region: string;
    network: string;
    networkId: pulumi.Input<string>;
    address: string;
  }[];
  /** Where the Service is to be. @default there is none */
  service?: { kubeContext: string; namespace: string; serviceName: string };
  /** What is in the way and is the endpoint's own: bare ids, and `<namespace>/<name>` of the Service. @default none */
  adopted?: string[];
}

/**
 * Succeeds when nothing is in the endpoint's way: no other load balancer of its name, no A, AAAA or CNAME record by
 * another hand, its fixed addresses free, its namespace there and without a Service of its name. All else of the
 * endpoint waits for it. It looks once for each name and place, and never at what is there since.
 *
 * `pulumi-nodejs:dynamic/lb:Preflight`; its provider is preflight/provider.ts. Keys and tokens are those of the run,
 * never inputs.
 *
 * @example
 * ```ts
 * const preflight = new Preflight("test.example.com", {
 *   domain: "test.example.com",
 *   zone: "fr-par-1",
 *   loadBalancer: "private-lb-prod-test",
 *   tags: ["stack=private-lb.prod", "domain=test.example.com"],
 *   records: [{ name: "test.example.com", zoneId: zone.zoneId }],
 *   owner: "private-lb/prod",
 *   addresses: [],
 *   service: { kubeContext: "production", namespace: "ops-tools", serviceName: "test-lb-private" },
 * });
 * ```
 */
export class Preflight extends DynamicResource {
  constructor(name: string, args: PreflightArgs, opts?: pulumi.CustomResourceOptions) {
    super("lb:Preflight", "preflight/provider.ts", name, { ...args }, opts);
  }
}
