/** What endpoints can get wrong together about their load balancers: names, addresses, and what those who share one share. */
import { collisions, type Draft, type Placed, primary, type Rule } from "./drafts.ts";
import type { Fault } from "./faults.ts";
import { LOAD_BALANCER_NAME_MAX, loadBalancerName, sharedLoadBalancerName } from "./naming.ts";
import type { EndpointInput, Settings } from "./schema.ts";

export const balancerRules: Rule[] = [
  {
    says: `The name of a load balancer, made from \`environment\` and the domain without its zone or \`loadBalancer\`, has at most ${LOAD_BALANCER_NAME_MAX} characters, and no other load balancer of the stack has it.`,
    faults: names,
  },
  {
    says: "An `address` stands once in its network, but for endpoints that share a load balancer.",
    faults: addresses,
  },
  {
    says: "Endpoints that share a `loadBalancer` have no port in common, of `port` and `extraPorts`.",
    faults: ports,
  },
  {
    says: "Endpoints that share a `loadBalancer` name the same networks in `alsoFrom`: a frontend listens on every address of its load balancer. They also have the same `loadBalancerType` and each `address`, and those that end TLS the same `tlsCompatibility`.",
    faults: agreement,
  },
];

/** Those on the same load balancer, the first of which counts where they disagree. */
function shared(drafts: Draft[]): Draft[][] {
  const named = drafts.filter(({ endpoint }) => endpoint.loadBalancer !== undefined);
  return [...Map.groupBy(named, ({ endpoint }) => endpoint.loadBalancer).values()];
}

function names(settings: Partial<Settings>, drafts: Draft[]): Fault[] {
  const { environment } = settings;
  if (!environment) return [];
  const own = drafts.flatMap((draft) => {
    const { domain, dnsZone } = primary(settings, draft);
    if (!domain || !dnsZone || draft.endpoint.loadBalancer !== undefined) return [];
    return [{ path: `${draft.path}.domain`, key: loadBalancerName(environment, domain, dnsZone) }];
  });
  const common = shared(drafts).flatMap(([first]) => {
    const { path, endpoint: { loadBalancer = "" } = {} } = first ?? {};
    const key = sharedLoadBalancerName(environment, loadBalancer);
    return [{ path: `${path}.loadBalancer`, key }];
  });
  const placed = [...own, ...common];
  const long = placed
    .filter(({ key }) => key.length > LOAD_BALANCER_NAME_MAX)
    .map(({ path, key }) => ({
      path,
      rule: `must give a load balancer's name of at most ${LOAD_BALANCER_NAME_MAX} characters`,
      got: `${key} (${key.length})`,
    }));
  return [...long, ...collisions(placed, "must give a load balancer's name of its own")];
}

/** An address is reserved once in its network: by the first of those who share it, whom the others follow. */
function addresses({ network = "" }: Partial<Settings>, drafts: Draft[]): Fault[] {
  const following = new Set(shared(drafts).flatMap(([, ...others]) => others));
  const placed = drafts.filter((draft) => !following.has(draft)).flatMap(fixedAddresses);
  const inNetwork = placed.map(({ path, key, network: other = network }) => {
    return { path, key: `${key} in ${other}` };
  });
  return collisions(inNetwork, "must be an address of its own");
}

/** @returns the network undefined for the own one */
function fixedAddresses({ path, endpoint: { address, alsoFrom = [] } }: Draft) {
  const all = [
    { path: `${path}.address`, network: undefined, key: address },
    ...alsoFrom.map((peer, i) => ({
      ...{ path: `${path}.alsoFrom[${i}].address`, network: peer.network, key: peer.address },
    })),
  ];
  return all.flatMap(({ key, ...place }) => (key === undefined ? [] : [{ ...place, key }]));
}

function ports(_: Partial<Settings>, drafts: Draft[]): Fault[] {
  return shared(drafts).flatMap((group) =>
    group.flatMap((draft, i) => {
      const others = group.slice(0, i).flatMap(portsOf);
      return portsOf(draft).flatMap(({ path, key }) => {
        const other = others.find((each) => each.key === key);
        if (!other) return [];
        const rule = `must be a port of its own on the load balancer ${draft.endpoint.loadBalancer}: ${other.path} has it too`;
        return [{ path, rule, got: key }];
      });
    }),
  );
}

function portsOf({ path, endpoint: { port, extraPorts = [] } }: Draft): Placed[] {
  return [
    ...(port === undefined ? [] : [{ path: `${path}.port`, key: String(port) }]),
    ...extraPorts.map((extra, i) => ({
      path: `${path}.extraPorts[${i}].port`,
      key: String(extra.port),
    })),
  ];
}

/** What belongs to the load balancer, as an endpoint has it, in words. */
const COMMON: Record<string, (endpoint: Partial<EndpointInput>) => string | undefined> = {
  loadBalancerType: ({ loadBalancerType }) => loadBalancerType,
  // In passthrough it is the pods'.
  tlsCompatibility: ({ tls, tlsCompatibility }) =>
    tls === "passthrough" ? undefined : tlsCompatibility,
  address: ({ address = NONE }) => address,
  alsoFrom: ({ alsoFrom = [] }) =>
    alsoFrom
      .map(({ network, address }) => (address ? `${network} (${address})` : network))
      .toSorted()
      .join(", ") || NONE,
};
const NONE = "nothing";

function agreement(_: Partial<Settings>, drafts: Draft[]): Fault[] {
  return shared(drafts).flatMap((group) =>
    Object.entries(COMMON).flatMap(([key, say]) => {
      const said = group.flatMap(({ path, endpoint }) => {
        const value = say(endpoint);
        return value === undefined ? [] : [{ path, name: endpoint.loadBalancer, value }];
      });
      const [first, ...others] = said;
      return others
        .filter(({ value }) => value !== first?.value)
        .map(({ path, name, value }) => ({
          path: `${path}.${key}`,
          rule: `must be as in ${first?.path}, which shares the load balancer ${name}: ${first?.value}`,
          got: value,
        }));
    }),
  );
}
