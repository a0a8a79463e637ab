import { longestSuffix } from "../../../certificate/challenge/authority.ts";
import { followDelegation } from "../../../certificate/challenge/delegation.ts";
import { reason } from "../../../dynamic/failure.ts";
import { type Check, type Finding, failed, list, ok } from "../check.ts";
import { acmeEndpoints } from "../endpoints.ts";

/** That the challenge's TXT record, which may be delegated by CNAME, lies where the token can write it. */
export const challengeCheck: Check = {
  title: "_acme-challenge",
  async run({ authority, config, zones }) {
    const seen = (await zones()).map(({ name }) => name);
    const known = config.dnsZones.map(({ name }) => name);
    const names = acmeEndpoints(config).flatMap((endpoint) =>
      endpoint.names.map(({ name }) => name.replace(/^\*\./, "")),
    );
    const judge = async (name: string): Promise<Finding> => {
      const start = `_acme-challenge.${name}`;
      try {
        const end = await followDelegation(start, authority, known);
        const target = end === start ? start : `${start}, delegated to ${end},`;
        if (longestSuffix(end, seen)) return ok(`${target} can be written`.replace(",,", ","));
        const advice = "Add that zone to the token's zone resources, or take the CNAME record away";
        return failed(`${target} lies in no zone that the token sees`, advice);
      } catch (error) {
        return failed(reason(error), "Correct the CNAME records");
      }
    };
    const found = await Promise.all([...new Set(names)].map(judge));
    const faults = found.filter(({ level }) => level !== "ok");
    const delegated = found.filter(({ seen: text }) => text.includes("delegated"));
    if (faults.length > 0) return faults;
    return delegated.length > 0
      ? delegated
      : [ok(`no delegation for ${list([...new Set(names)])}`)];
  },
};
