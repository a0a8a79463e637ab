import * as pulumi from "@pulumi/pulumi";
import { shim } from "../dynamic/shim.ts";

export interface PreflightArgs {
  /** The endpoint's domain. */
  domain: string;
  /** Scaleway zone. */
  zone: pulumi.Input<string>;
  /** The name that the load balancer is to have. */
  loadBalancer: string;
  /** The tags that it is to have. */
  tags: string[];
  /** The names that are to have an A record, each with Cloudflare's id of its zone. */
  records: { name: string; zoneId: pulumi.Input<string> }[];
  /** `<project>/<stack>` */
  owner: string;
}

const provider = shim("preflight/provider.ts");

/**
 * Succeeds when the endpoint's names are free: no other load balancer of that name, and no A, AAAA or CNAME record by
 * another hand. What bears these names waits for it. It looks once for each name, and never at what is there since.
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
 * });
 * ```
 */
export class Preflight extends pulumi.dynamic.Resource {
  constructor(name: string, args: PreflightArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args }, opts, "lb", "Preflight");
  }
}
