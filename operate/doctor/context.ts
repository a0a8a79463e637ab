/** What the checks look with: the stack's configuration and state, and one client each, made when first asked for. */
import type { CoreV1Api, KubeConfig, V1Node } from "@kubernetes/client-node";
import type { Client, Region } from "@scaleway/sdk-client";
import type { Vpcv2 } from "@scaleway/sdk-vpc";
import type Cloudflare from "cloudflare";
import { AcmeEndpoint } from "../../certificate/acme/endpoint.ts";
import { Authority } from "../../certificate/challenge/authority.ts";
import { regionOf } from "../../config/naming.ts";
import type { StackConfig } from "../../config/stackConfig.ts";
import type { Environment } from "../../dynamic/environment.ts";
import { kubernetesConfig, refusalOf } from "../../dynamic/kubernetes.ts";
import type { Deployed } from "../deployed.ts";

export interface ContextOptions {
  stack: string;
  config: StackConfig;
  deployed: Deployed;
  env: Environment;
  now: Date;
}

export class Context {
  readonly stack: string;
  readonly config: StackConfig;
  readonly deployed: Deployed;
  readonly env: Environment;
  readonly now: Date;
  readonly authority: Authority;
  readonly acme: AcmeEndpoint;
  readonly scaleway: () => Promise<Client>;
  readonly cloudflare: () => Promise<Cloudflare>;
  readonly kubernetes: () => Promise<KubeConfig>;
  /** The cluster's nodes. @throws Error that names the context, with the API's words */
  readonly nodes: () => Promise<V1Node[]>;
  /** Every private network of the region. */
  readonly networks: () => Promise<Vpcv2.PrivateNetwork[]>;
  /** The zones that the Cloudflare token sees. */
  readonly zones: () => Promise<Cloudflare.Zones.Zone[]>;

  constructor({ stack, config, deployed, env, now }: ContextOptions) {
    this.stack = stack;
    this.config = config;
    this.deployed = deployed;
    this.env = env;
    this.now = now;
    this.authority = new Authority(env);
    this.acme = new AcmeEndpoint(config.acmeDirectory);
    this.scaleway = once(async () => {
      const { scalewayClient } = await import("../../dynamic/scaleway.ts");
      return scalewayClient(env);
    });
    this.cloudflare = once(async () => {
      const { cloudflareClient } = await import("../../dynamic/cloudflare.ts");
      return cloudflareClient(env);
    });
    this.kubernetes = once(() => kubernetesConfig(config.kubeContext, env));
    this.nodes = once(() => this.#nodes());
    this.networks = once(async () => {
      const { Vpcv2 } = await import("@scaleway/sdk-vpc");
      return new Vpcv2.API(await this.scaleway())
        .listPrivateNetworks({ region: this.region })
        .all();
    });
    this.zones = once(async () => {
      const found: Cloudflare.Zones.Zone[] = [];
      for await (const zone of (await this.cloudflare()).zones.list()) found.push(zone);
      return found;
    });
  }

  get region(): Region {
    return regionOf(this.config.zone) as Region;
  }

  /** The environment's own private network; undefined when there is none, or more than one, of the name. */
  async ownNetwork(): Promise<Vpcv2.PrivateNetwork | undefined> {
    const found = (await this.networks()).filter(({ name }) => name === this.config.network);
    return found.length === 1 ? found[0] : undefined;
  }

  async core(): Promise<CoreV1Api> {
    const { CoreV1Api } = await import("@kubernetes/client-node");
    return (await this.kubernetes()).makeApiClient(CoreV1Api);
  }

  async #nodes(): Promise<V1Node[]> {
    const core = await this.core();
    try {
      return (await core.listNode()).items;
    } catch (cause) {
      throw new Error(
        `the cluster of the context ${this.config.kubeContext} does not list its nodes: ${refusalOf(cause).message}`,
        { cause },
      );
    }
  }
}

/** Asked once, however many checks want it. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** IPv4 ranges of a private network, CIDR. */
export function rangesOf({ subnets }: Vpcv2.PrivateNetwork): string[] {
  return subnets.map(({ subnet }) => String(subnet)).filter((range) => !range.includes(":"));
}
