import { loadBalancerName, ownerName, tags } from "../../../config/naming.ts";
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
    const taken = await Promise.all(
      coming.map(async ({ domain, dnsZone, names }) => {
        const records = names.flatMap(({ name, dnsZone: zone }) => {
          const zoneId = config.dnsZones.find((each) => each.name === zone)?.id ?? zones.get(zone);
          return zoneId ? [{ name, zoneId }] : [];
        });
        const inputs = {
          ...{ domain, zone: config.zone, records, owner: ownerName(owner) },
          loadBalancer: loadBalancerName(config.environment, domain, dnsZone),
          tags: tags(owner, config.environment, domain),
        };
        const found = await Promise.all([
          sameNamedBalancers(inputs, env),
          ...records.map((record) => foreignRecords(record, inputs, env)),
        ]);
        return found.flat();
      }),
    );
    const advice = "Adopt what is there, delete it, or give the endpoint other names";
    const faults = taken.flat().map((seen) => failed(seen, advice));
    return faults.length > 0
      ? faults
      : [ok(`free for ${list(coming.map(({ domain }) => domain))}`)];
  },
};
