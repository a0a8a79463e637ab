/** The cloud's side of the CCM: what it makes of a Service on its load balancer, over Scaleway's API alone. */
import type { V1LoadBalancerIngress, V1Node, V1Service } from "@kubernetes/client-node";
import {
  type Client,
  createAdvancedClient,
  withProfile,
  withUserAgent,
} from "@scaleway/sdk-client";
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { Lbv1 } from "@scaleway/sdk-lb";
import { Vpcv2 } from "@scaleway/sdk-vpc";
import { annotationsOf, flag, loadBalancerId } from "./annotations.ts";
import { attachNetworks } from "./attachments.ts";
import { type Balancer, Forwarding, type Zone } from "./forwarding.ts";
import { ingressOf } from "./ingress.ts";
import { internalAddresses, targetNodes } from "./nodes.ts";

export interface ScalewayAccess {
  url: string;
  accessKey: string;
  secretKey: string;
  projectId: string;
}

export interface LoadBalancersOptions {
  scaleway: ScalewayAccess;
  /** PN_ID: the cluster's own network. */
  privateNetworkId: string;
  /** SCW_CCM_PREFIX: names of load balancers that begin so are the cluster's own. */
  clusterPrefix: string;
}

const EXTERNAL = "externally-managed";

export class LoadBalancers {
  readonly #options: LoadBalancersOptions;
  readonly #lb: Lbv1.ZonedAPI;
  readonly #ipam: Ipamv1.API;
  readonly #vpc: Vpcv2.API;
  readonly #forwarding: Forwarding;

  constructor(options: LoadBalancersOptions) {
    const client = connect(options.scaleway);
    this.#options = options;
    this.#lb = new Lbv1.ZonedAPI(client);
    this.#ipam = new Ipamv1.API(client);
    this.#vpc = new Vpcv2.API(client);
    this.#forwarding = new Forwarding(this.#lb);
  }

  /** Tags of the load balancer of a Service; `undefined` when it names none. */
  async tags(service: V1Service): Promise<string[] | undefined> {
    const named = loadBalancerId(annotationsOf(service));
    if (!named) return undefined;
    return (await this.#lb.getLb({ zone: named.zone as Zone, lbId: named.id })).tags;
  }

  /** Whether the load balancer exists; throws when its status cannot be told. */
  async exists(service: V1Service): Promise<boolean> {
    if (service.spec?.loadBalancerClass) return false;
    const balancer = await this.#fetch(service);
    if (!balancer) return false;
    await this.#ingress(service, balancer);
    return true;
  }

  /** Makes the load balancer serve the Service; gives what its status is to say. */
  async ensure(service: V1Service, nodes: V1Node[]): Promise<V1LoadBalancerIngress[]> {
    const handled = service.spec?.loadBalancerClass;
    if (handled) {
      throw new Error(
        `scaleway-cloud-controller-manager cannot handle loadBalancerClass ${handled}`,
      );
    }
    const annotation = annotationsOf(service);
    const external = flag(annotation, EXTERNAL);
    const isPrivate = flag(annotation, "private");
    if (isPrivate && (annotation("ip-ids") || service.spec?.loadBalancerIP)) {
      throw new Error(
        "scaleway-cloud-controller-manager can only handle static IPs for public load balancers. " +
          "Unsetting the static IP can result in the loss of the IP",
      );
    }
    const balancer = await this.#fetch(service);
    if (!balancer) throw new Error(cannotCreate(external));
    if (balancer.status !== "ready") throw new Error("loadbalancer is not ready");
    await this.#update(service, balancer, nodes);
    return this.#ingress(service, balancer);
  }

  /** The nodes have changed. */
  async update(service: V1Service, nodes: V1Node[]): Promise<void> {
    const balancer = await this.#fetch(service);
    if (!balancer) throw new Error("loadbalancer not found");
    await this.#update(service, balancer, nodes);
  }

  /** Removes what belongs to the Service; all else on the load balancer stays. */
  async remove(service: V1Service): Promise<void> {
    const balancer = await this.#fetch(service);
    if (!balancer) return;
    if (!flag(annotationsOf(service), EXTERNAL)) throw new Error(NOT_OWN);
    await this.#forwarding.remove(service, balancer);
  }

  async #fetch(service: V1Service): Promise<Balancer | undefined> {
    const annotation = annotationsOf(service);
    const external = flag(annotation, EXTERNAL);
    const named = loadBalancerId(annotation);
    if (!named) {
      if (!external) return undefined;
      const { namespace, name } = service.metadata ?? {};
      const what = "loadbalancer id must be defined for externally managed loadbalancer";
      throw new Error(`${what} for service ${namespace}/${name}`);
    }
    const balancer = await this.#get(named.zone as Zone, named.id);
    if (balancer && external && balancer.name.startsWith(this.#options.clusterPrefix)) {
      throw new Error("externally managed loadbalancer must not be prefixed by the cluster id");
    }
    return balancer;
  }

  async #get(zone: Zone, lbId: string): Promise<Balancer | undefined> {
    try {
      return { ...(await this.#lb.getLb({ zone, lbId })), zone };
    } catch (error) {
      if ((error as { status?: number }).status === 404) return undefined;
      throw error;
    }
  }

  async #update(service: V1Service, balancer: Balancer, nodes: V1Node[]): Promise<void> {
    if (service.metadata?.deletionTimestamp) return;
    if (!flag(annotationsOf(service), EXTERNAL)) throw new Error(NOT_OWN);
    const targets = internalAddresses(targetNodes(service, nodes));
    await attachNetworks(service, balancer, this.#options.privateNetworkId, this.#lb, this.#ipam);
    await this.#forwarding.ensure(service, balancer, targets);
  }

  #ingress(service: V1Service, balancer: Balancer): Promise<V1LoadBalancerIngress[]> {
    const apis = { ipam: this.#ipam, vpc: this.#vpc };
    return ingressOf(service, balancer, this.#options.privateNetworkId, apis);
  }
}

const NOT_OWN =
  "the sandbox's CCM serves externally managed load balancers only: set the annotation " +
  "service.beta.kubernetes.io/scw-loadbalancer-externally-managed";

function cannotCreate(external: boolean): string {
  if (!external) return NOT_OWN;
  return "cannot create an externally managed load balancer, please provide an existing load balancer instead";
}

function connect({ url, accessKey, secretKey, projectId }: ScalewayAccess): Client {
  const settings = {
    apiURL: url,
    accessKey,
    secretKey,
    defaultProjectId: projectId,
    defaultRegion: "fr-par",
    defaultZone: "fr-par-1",
  } as const;
  return createAdvancedClient(withProfile(settings), withUserAgent(USER_AGENT));
}

const USER_AGENT = "scaleway/ccm (sandbox)";
