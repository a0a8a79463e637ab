import { bareId } from "../frontend/bareId.ts";
import { addressesIn } from "./lists.ts";
import type { FixedAddress, PreflightInputs } from "./provider.ts";

/** Who holds the address and is not the endpoint, in words. @param inputs tags of the endpoint's own addresses */
export async function holdersOf(
  { region, network, networkId, address }: FixedAddress,
  { tags, adopted = [] }: Pick<PreflightInputs, "tags" | "adopted">,
): Promise<string[]> {
  const booked = await addressesIn(region, bareId(networkId));
  return booked
    .filter((ip) => ip.address.split("/", 1)[0] === address)
    .filter(({ id }) => !adopted.includes(id))
    .filter((ip) => !tags.every((tag) => ip.tags.includes(tag)))
    .map(({ id, resource, tags: theirs }) => {
      const holder = resource
        ? ` by ${[resource.type, resource.name ?? resource.id].join(" ")}`
        : "";
      const tagged = theirs.length > 0 ? `, tagged ${theirs.join(", ")}` : "";
      return `the address ${address} of the network ${network} is reserved already${holder} (${id}${tagged})`;
    });
}
