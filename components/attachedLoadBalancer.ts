import type * as pulumi from "@pulumi/pulumi";
import type { EndpointImport } from "../config/adoption.ts";
import type { EndpointConfig, StackConfig } from "../config/stackConfig.ts";
import { entry, type Platform } from "./platform.ts";
import { PrivateLoadBalancer, type PrivateLoadBalancerArgs } from "./privateLoadBalancer.ts";
import { PrivateNetworkAttachments } from "./privateNetworkAttachments.ts";

/** A load balancer in its networks: all of it that several endpoints can have in common. */
export interface AttachedLoadBalancer {
  loadBalancer: PrivateLoadBalancer;
  attachments: PrivateNetworkAttachments;
}

export interface AttachedLoadBalancerArgs
  extends Pick<PrivateLoadBalancerArgs, "loadBalancerName" | "description" | "tags"> {
  /** The endpoint that it serves: its networks, its load balancer's type and level of TLS. */
  endpoint: EndpointConfig;
  environment: Omit<StackConfig, "endpoints">;
  platform: Platform;
  /** What of it exists already and is imported in this run. @default nothing */
  existing?: EndpointImport | undefined;
}

/** Declares the load balancer, and its address and attachment in each network, as children of the component. */
export function attachedLoadBalancer(
  name: string,
  args: AttachedLoadBalancerArgs,
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource },
): AttachedLoadBalancer {
  const { endpoint, environment, loadBalancerName, description, tags, existing } = args;
  const { zone, protect } = environment;
  const { loadBalancerType: type, tlsCompatibility } = endpoint;
  const importId = existing?.loadBalancer;
  const named = { loadBalancerName, description, tags, importId };
  const balancerArgs = { ...named, zone, type, tlsCompatibility, protect };
  const loadBalancer = new PrivateLoadBalancer(name, balancerArgs, opts);
  const networks = networksToAttach(args);
  const attached = { loadBalancer, networks, tags, protect };
  return { loadBalancer, attachments: new PrivateNetworkAttachments(name, attached, opts) };
}

function networksToAttach({ endpoint, platform, existing }: AttachedLoadBalancerArgs) {
  const networks = endpoint.networks.map(({ network, address }) => {
    const { id } = entry(platform.networks, network);
    const imported = existing?.networks[network];
    return [
      network,
      { id, ...(address === undefined ? {} : { address }), ...(imported && { imported }) },
    ] as const;
  });
  return Object.fromEntries(networks);
}
