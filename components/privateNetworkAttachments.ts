import * as pulumi from "@pulumi/pulumi";
import { Ip } from "@pulumiverse/scaleway/ipam/ip.js";
import { PrivateNetwork } from "@pulumiverse/scaleway/loadbalancers/privateNetwork.js";
import { internalName, regionOf } from "../config/naming.ts";
import type { LoadBalancerRef } from "./privateLoadBalancer.ts";

export interface NetworkToAttach {
  /** `<region>/<uuid>`, as the plugin reads it back: a bare id would replace the attachment at every run. */
  id: pulumi.Input<string>;
  /** The address to reserve. @default any free one of the network */
  address?: pulumi.Input<string> | undefined;
  /** What exists of it: the address, `<region>/<uuid>`, and the attachment. @default nothing */
  imported?: { address: string; attachment: string } | undefined;
}

export interface PrivateNetworkAttachmentsArgs {
  loadBalancer: LoadBalancerRef;
  /** The networks by name. Plain: it decides which resources exist, and the names are part of theirs. */
  networks: Record<string, NetworkToAttach>;
  /** Tags of the addresses. @default none */
  tags?: string[];
  /** Whether Pulumi refuses to delete the addresses. @default false */
  protect?: boolean;
}

/**
 * A reserved address in each private network, and the attachment of the load balancer with it. A network's
 * resources are named by the network, so that adding or removing one touches no other. They wait for what the
 * component depends on.
 *
 * @example
 * ```ts
 * const attachments = new PrivateNetworkAttachments("test.example.com", {
 *   loadBalancer: balancer,
 *   networks: { production: { id: network.id } },
 * });
 * attachments.addresses["production"]; // 172.16.8.2
 * ```
 */
export class PrivateNetworkAttachments extends pulumi.ComponentResource {
  /** The reserved address by network, without a mask. */
  readonly addresses: Record<string, pulumi.Output<string>> = {};
  /** IPAM's id of that address by network, `<region>/<uuid>`. */
  readonly addressIds: Record<string, pulumi.Output<string>> = {};
  /** By network, the name that resolves inside it: `<load balancer>.<network>.internal`. */
  readonly internalNames: Record<string, pulumi.Output<string>> = {};
  readonly #attachments: Record<string, PrivateNetwork> = {};

  constructor(
    name: string,
    args: PrivateNetworkAttachmentsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { dependsOn, ...own } = opts ?? {};
    super("private-lb:index:PrivateNetworkAttachments", name, {}, own);
    for (const [network, toAttach] of Object.entries(args.networks)) {
      const ip = this.reserve(`${name}-${network}-address`, args, toAttach, dependsOn);
      this.#attachments[network] = this.attach(`${name}-${network}`, args, toAttach, ip);
      this.addresses[network] = ip.address;
      this.addressIds[network] = ip.id;
      this.internalNames[network] = pulumi
        .output(args.loadBalancer.loadBalancerName)
        .apply((balancer) => internalName(balancer, network));
    }
    this.registerOutputs({
      addresses: this.addresses,
      addressIds: this.addressIds,
      internalNames: this.internalNames,
    });
  }

  /** By network, for what waits until the load balancer is in it, at its address there. */
  get resources(): Readonly<Record<string, PrivateNetwork>> {
    return this.#attachments;
  }

  private reserve(
    name: string,
    { loadBalancer, tags, protect }: PrivateNetworkAttachmentsArgs,
    { id: privateNetworkId, address, imported }: NetworkToAttach,
    dependsOn?: pulumi.ComponentResourceOptions["dependsOn"],
  ): Ip {
    return new Ip(
      name,
      {
        region: pulumi.output(loadBalancer.zone).apply(regionOf),
        sources: [{ privateNetworkId }],
        ...(address === undefined ? {} : { address }),
        ...(tags === undefined ? {} : { tags }),
      },
      {
        parent: this,
        ...(dependsOn ? { dependsOn } : {}),
        ...(protect === undefined ? {} : { protect }),
        ...(imported
          ? // The plugin reads no network of an address that it imports: its first update only notes it.
            { import: imported.address }
          : // The plugin ignores a change of the network in silence.
            { replaceOnChanges: ["sources"] }),
        // The new address comes first: the old one cannot go while it is attached.
        deleteBeforeReplace: false,
      },
    );
  }

  /**
   * Not `deletedWith` the load balancer: an address is refused deletion while it is attached, and nothing
   * but this detachment would come before its deletion.
   */
  private attach(
    name: string,
    { loadBalancer: { loadBalancerId, zone } }: PrivateNetworkAttachmentsArgs,
    { id: privateNetworkId, imported }: NetworkToAttach,
    ip: Ip,
  ): PrivateNetwork {
    return new PrivateNetwork(
      name,
      { lbId: loadBalancerId, privateNetworkId, ipamIpIds: ip.id, zone },
      {
        parent: this,
        ...(imported && { import: imported.attachment }),
        // Every input replaces. Deletion detaches by load balancer and network, so that after a creation it
        // would detach the new one; and an address that is attached cannot be attached elsewhere.
        deleteBeforeReplace: true,
      },
    );
  }
}
