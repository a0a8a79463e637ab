import type { Region } from "@scaleway/sdk-client";

/** What exists at the vendors, asked of their official clients: only once something was not found. */
export interface Inventory {
  /** Names of the private networks of a region. */
  networks(region: string): Promise<string[]>;
  /** Names of the DNS zones that the token may see. */
  zones(): Promise<string[]>;
}

/** Loads the clients when it is asked: a run in which everything is found needs none of them. */
export const officialInventory: Inventory = {
  async networks(region) {
    const [{ Vpcv2 }, { scalewayClient }] = await Promise.all([
      import("@scaleway/sdk-vpc"),
      import("../dynamic/scaleway.ts"),
    ]);
    const networks = await new Vpcv2.API(scalewayClient())
      .listPrivateNetworks({ region: region as Region })
      .all();
    return networks.map(({ name }) => name);
  },
  async zones() {
    const { cloudflareClient } = await import("../dynamic/cloudflare.ts");
    const names: string[] = [];
    for await (const { name } of cloudflareClient().zones.list()) names.push(name);
    return names;
  },
};
