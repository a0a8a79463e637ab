/** Private load balancers with their networks, addresses, frontends and certificates. */
import type { Region, Zone } from "@scaleway/sdk-client";
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { Lbv1 } from "@scaleway/sdk-lb";
import { Vpcv2 } from "@scaleway/sdk-vpc";
import { regionOf } from "../../config/naming.ts";
import type { Environment } from "../../dynamic/environment.ts";
import { scalewayClient } from "../../dynamic/scaleway.ts";
import { bareId } from "../../frontend/bareId.ts";
import type { Settings } from "./stackFile.ts";

export interface FoundAttachment {
  networkId: string;
  /** Empty where the API names no such network. */
  networkName: string;
  /** IPAM's id, bare. */
  addressId: string;
  /** IPv4, without a mask. */
  address: string;
}

export interface FoundBalancer {
  balancer: Lbv1.Lb;
  attachments: FoundAttachment[];
  frontends: Lbv1.Frontend[];
  certificates: Lbv1.Certificate[];
}

/** As this project names them, and as the guide of the script does. */
export const prefixes = (environment: string) => [
  `private-lb-${environment}-`,
  `private-lb-private-${environment}-`,
];

/**
 * @param wanted names or ids; without any, every private one of the environment by its name
 * @throws Error naming each that is wanted and not there
 */
export async function scalewaySurvey(
  { environment, zone: place }: Settings,
  wanted: string[],
  env: Environment,
): Promise<FoundBalancer[]> {
  const client = scalewayClient(env);
  const [lb, ipam, vpc] = [
    new Lbv1.ZonedAPI(client),
    new Ipamv1.API(client),
    new Vpcv2.API(client),
  ];
  const [zone, region] = [place as Zone, regionOf(place) as Region];
  const [all, networks] = await Promise.all([
    lb.listLbs({ zone }).all(),
    vpc.listPrivateNetworks({ region }).all(),
  ]);
  const names = new Map(networks.map(({ id, name }) => [id, name]));
  return Promise.all(
    chosen(all, wanted, environment, place).map(async (balancer): Promise<FoundBalancer> => {
      const at = { zone, lbId: balancer.id };
      const [attached, addresses, frontends, certificates] = await Promise.all([
        lb.listLbPrivateNetworks(at).all(),
        ipam
          .listIPs({ region, resourceId: balancer.id, resourceType: "lb_server", isIpv6: false })
          .all(),
        lb.listFrontends(at).all(),
        lb.listCertificates(at).all(),
      ]);
      const attachments = attached.map(({ privateNetworkId: networkId, ipamIds }) => {
        const ip = addresses.find(({ id }) => ipamIds.includes(id));
        return {
          networkId,
          networkName: names.get(networkId) ?? "",
          addressId: ip?.id ?? "",
          address: ip?.address.split("/", 1)[0] ?? "",
        };
      });
      return { balancer, attachments, frontends, certificates };
    }),
  );
}

function chosen(all: Lbv1.Lb[], wanted: string[], environment: string, zone: string): Lbv1.Lb[] {
  if (wanted.length === 0)
    return all.filter(
      ({ name, ip }) =>
        ip.length === 0 && prefixes(environment).some((prefix) => name.startsWith(prefix)),
    );
  const isWanted = ({ id, name }: Lbv1.Lb, one: string) => id === bareId(one) || name === one;
  const missing = wanted.filter((one) => !all.some((each) => isWanted(each, one)));
  if (missing.length > 0) {
    const there = all.map(({ name }) => name).join(", ") || "none";
    throw new Error(
      `There is no load balancer ${missing.join(", ")} in ${zone}; there are: ${there}.`,
    );
  }
  return all.filter((each) => wanted.some((one) => isWanted(each, one)));
}
