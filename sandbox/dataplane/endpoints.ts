/** Where clients get to: the frontends at the addresses that they are attached with. */
import type { LoadBalancerView, NetworkView, ScalewayCloud } from "../clouds/scaleway/index.ts";
import type { Current, Destination } from "./types.ts";

export interface Endpoint extends Destination {
  key: string;
  network: NetworkView;
  address: string;
}

/** By the load balancer's view, which is another object once it has changed: each change looks at all of them. */
const known = new WeakMap<LoadBalancerView, Endpoint[]>();

export function endpointsOf(scaleway: ScalewayCloud): Endpoint[] {
  return scaleway.loadBalancers().flatMap((lb) => {
    const endpoints = known.get(lb) ?? endpointsAt(lb);
    known.set(lb, endpoints);
    return endpoints;
  });
}

const endpointsAt = (lb: LoadBalancerView): Endpoint[] =>
  lb.frontends.flatMap((frontend) =>
    lb.privateNetworks
      .filter(({ status }) => status === "ready")
      .flatMap((network) =>
        network.addresses.map((address) => ({
          key: `${frontend.id}/${network.id}/${address}/${frontend.port}`,
          ...{ lb, frontend, network, address },
        })),
      ),
  );

/** Throws unless exactly one network has the name. */
export function networkNamed(scaleway: ScalewayCloud, name: string): NetworkView {
  const found = scaleway.networks().filter((network) => network.name === name);
  if (found.length !== 1 || !found[0])
    throw new Error(`one private network must be named ${name}; found ${found.length}`);
  return found[0];
}

/** What it has become since a client has got to it; as it was, when it is gone. */
export const currentIn =
  (scaleway: ScalewayCloud): Current =>
  (seen) => {
    const lb = scaleway.loadBalancers().find(({ id }) => id === seen.lb.id);
    const frontend = lb?.frontends.find(({ id }) => id === seen.frontend.id);
    return lb && frontend ? { lb, frontend } : seen;
  };
