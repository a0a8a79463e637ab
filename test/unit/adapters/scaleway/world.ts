/** The adapter for Scaleway, and a Scaleway of a test's own behind it. */
import { randomUUID } from "node:crypto";
import { createClient } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { createAdapters } from "../../../../sandbox/adapters/index.ts";
import { CallLog } from "../../../../sandbox/clouds/api.ts";
import { type ScalewayCloud, startScaleway } from "../../../../sandbox/clouds/scaleway/index.ts";
import type { Props, Provider } from "../../../../sandbox/engine/provider.ts";
import { Lifecycle } from "../lifecycle.ts";

export const LB = "scaleway:loadbalancers/loadBalancer:LoadBalancer";
export const ATTACHMENT = "scaleway:loadbalancers/privateNetwork:PrivateNetwork";
export const IP = "scaleway:ipam/ip:Ip";

export const privateLb: Props = {
  type: "LB-S",
  assignFlexibleIp: false,
  externalPrivateNetworks: true,
  tags: ["staging"],
};

export interface World {
  cloud: ScalewayCloud;
  provider: Provider;
  /** The official client, for what is changed by another's hand. */
  lb: Lbv1.ZonedAPI;
  vpcId: string;
  /** `fr-par/<id>` of a private network called staging, 172.16.0.0/22. */
  network: string;
  /** `fr-par/<id>` of another in the same VPC. */
  other: string;
  newLb(name?: string): Promise<Lifecycle>;
  /** An address reserved in `network`. */
  newIp(address?: string): Promise<Lifecycle>;
  newAttachment(inputs: Props): Promise<Lifecycle>;
  /** What was asked meanwhile of the API to be changed, without ids. */
  writesDuring(act: () => Promise<unknown>): Promise<string[]>;
  /** All is ready at once again. */
  calm(): void;
}

export async function startWorld(): Promise<World> {
  const log = new CallLog();
  const keys = { accessKey: "SCWAAAAAAAAAAAAAAAAA", secretKey: randomUUID() };
  const owner = { projectId: randomUUID(), organizationId: randomUUID() };
  const cloud = await startScaleway({ log, ...keys, ...owner });
  const vpcId = cloud.addVpc({ name: "staging" }).id;
  const addNetwork = (name: string, subnet: string) =>
    `fr-par/${cloud.addPrivateNetwork({ name, vpcId, subnet }).id}`;
  const network = addNetwork("staging", "172.16.0.0/22");
  const provider = createAdapters(cloud.env()).scaleway();
  await provider.configure({});
  const client = createClient({ apiURL: cloud.url, ...keys, defaultZone: "fr-par-1" });
  return {
    ...{ cloud, provider, vpcId, network },
    lb: new Lbv1.ZonedAPI(client),
    other: addNetwork("other", "172.16.4.0/22"),
    newLb: (name = `lb-${randomUUID().slice(0, 8)}`) =>
      new Lifecycle(provider, LB).create({ ...privateLb, name }),
    newIp: (address) => {
      const sources = [{ privateNetworkId: network }];
      return new Lifecycle(provider, IP).create({ sources, ...(address && { address }) });
    },
    newAttachment: (inputs) => new Lifecycle(provider, ATTACHMENT).create(inputs),
    writesDuring: async (act) => {
      const before = log.calls.length;
      await act();
      return log.calls
        .slice(before)
        .filter(({ method }) => method !== "GET")
        .map(({ method, path }) =>
          `${method} ${path.split("?", 1)[0]}`.replace(/[0-9a-f-]{36}/g, "{id}"),
        );
    },
    calm: () =>
      Object.assign(cloud.settings, {
        lbReadyAfter: 0,
        lbDeletedAfter: 0,
        attachmentReadyAfter: 0,
        certificateStatus: "ready",
        certificateReadyAfter: undefined,
      }),
  };
}
