import type { Region, Zone } from "@scaleway/sdk-client";
import type { Environment } from "../dynamic/environment.ts";
import { kubeContexts } from "./kubeconfig.ts";

/** What exists and no lookup of the plugins tells: the vendors' official clients are asked, and the kubeconfig. */
export interface Inventory {
  /** Names of the private networks of a region. */
  networks(region: string): Promise<string[]>;
  /** By its bare id. */
  vpc(region: string, vpcId: string): Promise<Vpc>;
  /** Names of the load balancers of a Scaleway zone with that tag. */
  loadBalancers(zone: string, tag: string): Promise<string[]>;
  /** The A records of a Cloudflare zone, by its id, whose comment begins so. */
  records(zoneId: string, comment: string): Promise<MarkedRecord[]>;
  /** Names of the DNS zones that the token may see. */
  zones(): Promise<string[]>;
  /** Contexts of the run's kubeconfig. */
  kubeContexts(): Promise<string[]>;
}

export interface MarkedRecord {
  name: string;
  /** ISO 8601 */
  madeAt: string;
}

export interface Vpc {
  name: string;
  /** Names of its private networks. */
  networks: string[];
  /** Whether traffic passes between its networks, as far as network ACLs let it. */
  isRouted: boolean;
  /** Whether anything is refused between its networks (IPv4). */
  hasAcl: boolean;
}

/** Records in one answer; Cloudflare gives more, and few zones have so many. */
const PAGE = 1000;

/** By the keys and tokens of that environment. Loads the clients when it is asked. */
export const inventoryFor = (env: Environment): Inventory => ({
  async networks(region) {
    const api = await vpcApi(env);
    const networks = await api.listPrivateNetworks({ region: region as Region }).all();
    return networks.map(({ name }) => name);
  },
  async vpc(place, vpcId) {
    const api = await vpcApi(env);
    const region = place as Region;
    const [vpc, networks, acl] = await Promise.all([
      api.getVPC({ region, vpcId }),
      api.listPrivateNetworks({ region, vpcId }).all(),
      api.getAcl({ region, vpcId, isIpv6: false }),
    ]);
    return {
      name: vpc.name,
      networks: networks.map(({ name }) => name),
      isRouted: vpc.routingEnabled,
      hasAcl: acl.defaultPolicy === "drop" || acl.rules.some(({ action }) => action === "drop"),
    };
  },
  async loadBalancers(zone, tag) {
    const [{ Lbv1 }, { scalewayClient }] = await Promise.all([
      import("@scaleway/sdk-lb"),
      import("../dynamic/scaleway.ts"),
    ]);
    const api = new Lbv1.ZonedAPI(scalewayClient(env));
    const found = await api.listLbs({ zone: zone as Zone }).all();
    return found.filter(({ tags }) => tags.includes(tag)).map(({ name }) => name);
  },
  async records(zoneId, comment) {
    const { cloudflareClient } = await import("../dynamic/cloudflare.ts");
    const asked = { type: "A", comment: { startswith: comment }, per_page: PAGE } as const;
    const query = { ...asked, zone_id: zoneId };
    const records: MarkedRecord[] = [];
    for await (const { name, created_on: madeAt } of cloudflareClient(env).dns.records.list(query))
      records.push({ name, madeAt });
    return records;
  },
  async zones() {
    const { cloudflareClient } = await import("../dynamic/cloudflare.ts");
    const names: string[] = [];
    for await (const { name } of cloudflareClient(env).zones.list()) names.push(name);
    return names;
  },
  kubeContexts: () => kubeContexts(env),
});

export const officialInventory = inventoryFor(process.env);

async function vpcApi(env: Environment) {
  const [{ Vpcv2 }, { scalewayClient }] = await Promise.all([
    import("@scaleway/sdk-vpc"),
    import("../dynamic/scaleway.ts"),
  ]);
  return new Vpcv2.API(scalewayClient(env));
}
