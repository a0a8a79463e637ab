import { ownerName, sharedTags, tags } from "../../../config/naming.ts";
import { PROJECT } from "../../../config/stackConfig.ts";
import { foreignRecords, sameNamedBalancers } from "../../../preflight/namesTaken.ts";
import { type Check, failed, list, ok } from "../check.ts";

/** That nobody else bears the names which the stack is to make: the look that `up` takes as well, beforehand. */
export const namesCheck: Check = {
  title: "Names",
  async run(context) {
    const { config, deployed, env, stack } = context;
    const zones = new Map((await context.zones()).map(({ name, id }) => [name, id]));
    const made = new Set(deployed.endpoints.map(({ domain }) => domain));
    const coming = config.endpoints.filter(({ domain }) => !made.has(domain));
    if (coming.length === 0) return [ok("all are this stack's")];
    const owner = { project: PROJECT, stack };
    const { zone } = config;
    const balancers = new Map(coming.map((each) => [each.loadBalancerName, each]));
    const there = new Set(deployed.endpoints.map(({ loadBalancer }) => loadBalancer?.name));
    const taken = await Promise.all([
      ...[...balancers].flatMap(([loadBalancer, { domain, loadBalancer: shared }]) => {
        if (there.has(loadBalancer)) return [];
        const marks =
          shared === undefined
            ? tags(owner, config.environment, domain)
            : sharedTags(owner, config.environment, shared);
        return [sameNamedBalancers({ zone, loadBalancer, tags: marks }, env)];
      }),
      ...coming.flatMap(({ names }) =>
        names.flatMap(({ name, dnsZone }) => {
          const declared = config.dnsZones.find((each) => each.name === dnsZone);
          const zoneId = declared?.id ?? zones.get(dnsZone);
          return zoneId ? [foreignRecords({ name, zoneId }, { owner: ownerName(owner) }, env)] : [];
        }),
      ),
    ]);
    const advice = "Adopt what is there, delete it, or give the endpoint other names";
    const faults = taken.flat().map((seen) => failed(seen, advice));
    return faults.length > 0
      ? faults
      : [ok(`free for ${list(coming.map(({ domain }) => domain))}`)];
  },
};
