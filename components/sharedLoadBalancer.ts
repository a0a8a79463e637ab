import * as pulumi from "@pulumi/pulumi";
import type { EndpointImport } from "../config/adoption.ts";
import { ownerName, sharedTags } from "../config/naming.ts";
import type { EndpointConfig, StackConfig } from "../config/stackConfig.ts";
import {
  type AttachedLoadBalancer,
  attachedLoadBalancer,
  fixedAddresses,
} from "./attachedLoadBalancer.ts";
import { idsOf } from "./existing.ts";
import { owner, type Platform } from "./platform.ts";
import { Preflight } from "./preflight.ts";
import type { PrivateLoadBalancer } from "./privateLoadBalancer.ts";
import type { PrivateNetworkAttachments } from "./privateNetworkAttachments.ts";

export interface SharedLoadBalancerArgs {
  /** The endpoints on it, at least one. Plain: what belongs to the load balancer is the same in all of them. */
  endpoints: EndpointConfig[];
  /** What holds for all endpoints of the stack. */
  environment: Omit<StackConfig, "endpoints">;
  /** What exists already: networks. */
  platform: Platform;
  /** What of it exists already and is imported in this run. @default nothing */
  existing?: EndpointImport | undefined;
}

/**
 * A load balancer that several endpoints share by its name, each on a port of its own, with a reserved address in each
 * network. It has a preflight of its own, so that an endpoint which cannot be made holds up none of the others.
 *
 * @example
 * ```ts
 * const tools = new SharedLoadBalancer("tools", { endpoints, environment, platform });
 * new PrivateEndpoint(
 *   endpoint.domain,
 *   { endpoint, environment, platform, account, shared: tools },
 *   { providers: { kubernetes } },
 * );
 * ```
 */
export class SharedLoadBalancer extends pulumi.ComponentResource implements AttachedLoadBalancer {
  readonly loadBalancerId: pulumi.Output<string>;
  /** The reserved address by network. */
  readonly addresses: Record<string, pulumi.Output<string>>;
  readonly #parts: AttachedLoadBalancer;

  constructor(
    name: string,
    { endpoints, environment, platform, existing }: SharedLoadBalancerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("private-lb:index:SharedLoadBalancer", name, {}, opts);
    const [first] = endpoints;
    if (!first) throw new Error(`no endpoint is on the load balancer ${name}`);
    // In passthrough the level of TLS is the pods'.
    const endpoint = endpoints.find(({ tls }) => tls !== "passthrough") ?? first;
    const { loadBalancerName } = endpoint;
    const tags = sharedTags(owner(), environment.environment, name);
    const preflight = new Preflight(
      name,
      {
        ...{ domain: name, zone: environment.zone, loadBalancer: loadBalancerName, tags },
        ...{ records: [], owner: ownerName(owner()) },
        addresses: fixedAddresses(endpoint, environment, platform),
        ...(existing && { adopted: idsOf(existing) }),
      },
      { parent: this },
    );
    const description = `Private endpoints that share ${name}`;
    this.#parts = attachedLoadBalancer(
      name,
      { endpoint, environment, platform, existing, loadBalancerName, description, tags },
      { parent: this, dependsOn: preflight },
    );
    this.loadBalancerId = this.loadBalancer.loadBalancerId;
    this.addresses = this.attachments.addresses;
    this.registerOutputs({ loadBalancerId: this.loadBalancerId, addresses: this.addresses });
  }

  get loadBalancer(): PrivateLoadBalancer {
    return this.#parts.loadBalancer;
  }

  get attachments(): PrivateNetworkAttachments {
    return this.#parts.attachments;
  }
}

/**
 * Those that the configuration names, by name; none where no endpoint shares one.
 *
 * @param imports what exists of the endpoints, by domain: those on one load balancer agree about it
 */
export function sharedLoadBalancers(
  { endpoints, ...environment }: StackConfig,
  platform: Platform,
  imports: Record<string, EndpointImport> = {},
): Map<string, SharedLoadBalancer> {
  const named = Map.groupBy(endpoints, ({ loadBalancer }) => loadBalancer);
  const made = [...named].flatMap(([name, sharers]) => {
    if (name === undefined) return [];
    const existing = sharers.map(({ domain }) => imports[domain]).find(Boolean);
    const args = { endpoints: sharers, environment, platform, existing };
    return [[name, new SharedLoadBalancer(name, args)] as const];
  });
  return new Map(made);
}
