import type * as pulumi from "@pulumi/pulumi";
import type { EndpointImport } from "../config/adoption.ts";
import { regionOf } from "../config/naming.ts";
import type { EndpointConfig, StackConfig } from "../config/stackConfig.ts";
import { entry, type Platform } from "./platform.ts";
import type { PreflightArgs } from "./preflight.ts";
import { PrivateLoadBalancer, type PrivateLoadBalancerArgs } from "./privateLoadBalancer.ts";
import { PrivateNetworkAttachments } from "./privateNetworkAttachments.ts";

/** A load balancer in its networks: all of it that several endpoints can have in common. */
export interface AttachedLoadBalancer {
  loadBalancer: PrivateLoadBalancer;
  attachments: PrivateNetworkAttachments;
}

export interface AttachedLoadBalancerArgs
  extends Pick<PrivateLoadBalancerArgs, "loadBalancerName" | "description" | "tags"> {
  /** One that it serves: its networks, its load balancer's type and level of TLS. */
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

/** The addresses that the configuration fixes, for the {@link Preflight} of the load balancer. */
export function fixedAddresses(
  { networks }: EndpointConfig,
  { zone }: Pick<StackConfig, "zone">,
  platform: Platform,
): PreflightArgs["addresses"] {
  const region = regionOf(zone);
  return networks.flatMap(({ network, address }) =>
    address ? [{ region, network, networkId: entry(platform.networks, network).id, address }] : [],
  );
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
