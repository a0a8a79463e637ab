/** No way in from outside: load balancers, their networks, their names. */
import { privateRangeRule } from "../../config/ranges.ts";
import { bareId } from "../../frontend/bareId.ts";
import { at, isGiven, items, type Resource, type Rule, shown, UNKNOWN } from "../rule.ts";

const BALANCERS = [
  "scaleway:loadbalancers/loadBalancer:LoadBalancer",
  "scaleway:index/loadbalancer:Loadbalancer",
];
const PUBLIC_ADDRESSES = [
  "scaleway:loadbalancers/ip:Ip",
  "scaleway:index/loadbalancerIp:LoadbalancerIp",
];
const ATTACHMENT = "scaleway:loadbalancers/privateNetwork:PrivateNetwork";
const RESERVED = "scaleway:ipam/ip:Ip";
const RECORDS = ["cloudflare:index/dnsRecord:DnsRecord", "cloudflare:index/record:Record"];

export const noPublicAddress: Rule = {
  name: "no-public-address",
  description: "No load balancer has a public address.",
  looksAt: "resource",
  violations: (resources) =>
    resources.flatMap(({ urn, type, props }) => {
      if (PUBLIC_ADDRESSES.includes(type))
        return [{ urn, message: "is a public address of a load balancer: take it out" }];
      if (!BALANCERS.includes(type)) return [];
      return [...publicInputs(props)].map((message) => ({ urn, message }));
    }),
};

function* publicInputs(props: Record<string, unknown>): Iterable<string> {
  const assigns = props["assignFlexibleIp"];
  if (assigns !== false && assigns !== UNKNOWN)
    yield `assignFlexibleIp must be false, and is ${shown(assigns)}: Scaleway's default is a public address`;
  for (const key of ["assignFlexibleIpv6", "ipIds", "ipId", "ipAddress", "ipv6Address"]) {
    if (isGiven(props[key]) && props[key] !== UNKNOWN)
      yield `${key} must not be set, and is ${shown(props[key])}: it is a public address`;
  }
}

export const onlyDeclaredNetworks: Rule = {
  name: "only-declared-networks",
  description: "A load balancer is attached to no network but those that the stack's file names.",
  looksAt: "stack",
  option: "networks",
  violations: (resources, declared, { networks: allowed }) => [
    ...inlineNetworks(resources),
    ...resources.filter(isAttachment).flatMap((resource, _, all) => {
      const { urn, name, props } = resource;
      const id = props["privateNetworkId"];
      const network = declared().attachments.get(name);
      const faults = [
        ...(network === undefined
          ? [`attaches the network ${shown(id)}, which the stack's file does not name there`]
          : all.filter((other) => disagree(resource, other, declared().attachments)).map(mixedUp)),
        ...(allowed && typeof id === "string" && !allowed.map(bareId).includes(bareId(id))
          ? [`attaches the network ${id}, which is not among those that the pack's networks allow`]
          : []),
      ];
      return faults.map((message) => ({ urn, message }));
    }),
  ],
};

const isAttachment = ({ type }: Resource) => type === ATTACHMENT;

/** A list within the load balancer would attach beside what is declared. */
function inlineNetworks(resources: Resource[]) {
  return resources
    .filter(
      ({ type, props }) => BALANCERS.includes(type) && props["externalPrivateNetworks"] !== true,
    )
    .filter(({ props }) => items(props["privateNetworks"]).length > 0)
    .map(({ urn }) => ({
      urn,
      message: "names privateNetworks itself: attach each by a resource of its own",
    }));
}

/** Whether one name stands for two networks, or two names for one. */
function disagree(one: Resource, other: Resource, networks: Map<string, string>): boolean {
  const [name, otherName] = [networks.get(one.name), networks.get(other.name)];
  const [id, otherId] = [one.props["privateNetworkId"], other.props["privateNetworkId"]];
  if (otherName === undefined || typeof id !== "string" || typeof otherId !== "string")
    return false;
  return (name === otherName) !== (bareId(id) === bareId(otherId));
}

const mixedUp = (other: Resource) =>
  `attaches another network than its name says: compare it with that of ${other.name}`;

export const privateRecords: Rule = {
  name: "private-records",
  description: "A DNS record is an A record with a private address, and not proxied.",
  looksAt: "resource",
  violations: (resources) =>
    resources
      .filter(({ type }) => RECORDS.includes(type))
      .flatMap(({ urn, props }) => [...publicRecord(props)].map((message) => ({ urn, message }))),
};

function* publicRecord({ type, content, proxied }: Record<string, unknown>): Iterable<string> {
  if (type !== "A" && type !== UNKNOWN)
    yield `must be an A record, and is ${shown(type)}: what else it leads to cannot be checked`;
  else if (typeof content === "string" && privateRangeRule(`${content}/32`))
    yield `must have a private address, and has ${content}`;
  if (isGiven(proxied) && proxied !== UNKNOWN)
    yield "must not be proxied: Cloudflare would answer for it in public";
}

export const reservedRecords: Rule = {
  name: "records-are-reserved",
  description: "An A record has an address that the stack has reserved in a private network.",
  looksAt: "stack",
  violations: (resources) => {
    const reserved = resources
      .filter(({ type }) => type === RESERVED)
      .map(({ props }) => at(props, "address"));
    return resources
      .filter(({ type, props }) => RECORDS.includes(type) && typeof props["content"] === "string")
      .filter(({ props }) => !reserved.includes(props["content"]))
      .map(({ urn, props }) => ({
        urn,
        message: `leads to ${props["content"]}, which the stack has not reserved: its owner may change`,
      }));
  },
};
