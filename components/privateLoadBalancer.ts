import * as pulumi from "@pulumi/pulumi";
import { LoadBalancer } from "@pulumiverse/scaleway/loadbalancers/loadBalancer.js";
import type { BalancingOptions } from "../config/balancing.ts";

/** What other components need of a load balancer: a {@link PrivateLoadBalancer}, or one that exists. */
export interface LoadBalancerRef {
  /** `<zone>/<uuid>` */
  loadBalancerId: pulumi.Input<string>;
  loadBalancerName: pulumi.Input<string>;
  /** Scaleway zone. */
  zone: pulumi.Input<string>;
}

export interface PrivateLoadBalancerArgs {
  /** Its name at Scaleway. */
  loadBalancerName: string;
  /** What a person reads in the console. */
  description: string;
  tags: string[];
  /** Scaleway zone. @default "fr-par-1" */
  zone?: pulumi.Input<string>;
  /** Scaleway's type; a change migrates in place. @default "LB-S": 200 Mbit/s, 20,000 connections */
  type?: pulumi.Input<string>;
  /** Which clients' TLS it takes. @default "intermediate": nearly all */
  tlsCompatibility?: BalancingOptions["tlsCompatibility"];
  /** Whether Pulumi refuses to delete it. @default false */
  protect?: boolean;
  /** One that exists, `<zone>/<uuid>`. @default a new one */
  importId?: string | undefined;
}

/**
 * A load balancer without any public address. Scaleway fixes at its creation whether one is private; its
 * networks are attached by {@link PrivateNetworkAttachments}, its frontends belong to the cluster's CCM. It waits for
 * what the component depends on.
 *
 * @example
 * ```ts
 * const balancer = new PrivateLoadBalancer("test.example.com", {
 *   loadBalancerName: "private-lb-prod-test",
 *   description: "Private endpoint https://test.example.com",
 *   tags: ["stack=private-lb.prod"],
 * });
 * ```
 */
export class PrivateLoadBalancer extends pulumi.ComponentResource implements LoadBalancerRef {
  /** `<zone>/<uuid>` */
  readonly loadBalancerId: pulumi.Output<string>;
  /** The first label of its name inside a network, `<name>.<network>.internal`. */
  readonly loadBalancerName: pulumi.Output<string>;
  readonly zone: pulumi.Output<string>;
  readonly #resource: LoadBalancer;

  constructor(name: string, args: PrivateLoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { dependsOn, ...own } = opts ?? {};
    super("private-lb:index:PrivateLoadBalancer", name, {}, own);
    const {
      zone = "fr-par-1",
      type = "LB-S",
      tlsCompatibility = "intermediate",
      protect,
      importId,
    } = args;
    this.#resource = new LoadBalancer(
      name,
      {
        name: args.loadBalancerName,
        description: args.description,
        tags: args.tags,
        type,
        zone,
        sslCompatibilityLevel: `ssl_compatibility_level_${tlsCompatibility}`,
        assignFlexibleIp: false,
        // With the inline list, a change of one entry has reset the addresses of all
        // (scaleway/terraform-provider-scaleway#2524).
        externalPrivateNetworks: true,
      },
      {
        parent: this,
        ...(dependsOn ? { dependsOn } : {}),
        ...(protect === undefined ? {} : { protect }),
        ...(importId === undefined ? {} : { import: importId }),
        // A new zone means a new load balancer. The plugin asks to delete the old one first, as always where
        // a name is set; names need not be unique, so the endpoint keeps being served until the new one is up.
        deleteBeforeReplace: false,
      },
    );
    this.loadBalancerId = this.#resource.id;
    this.loadBalancerName = this.#resource.name;
    this.zone = pulumi.output(zone);
    this.registerOutputs({
      loadBalancerId: this.loadBalancerId,
      loadBalancerName: this.loadBalancerName,
      zone: this.zone,
    });
  }

  /** For what is `deletedWith` the load balancer: only the resource itself is ever deleted, not this component. */
  get resource(): LoadBalancer {
    return this.#resource;
  }
}
