/** https://www.scaleway.com/en/developers/api/iam/#path-quotas-list-all-quotas-in-the-organization */
import type { Zone } from "@scaleway/sdk-client";
import { Iamv1alpha1 } from "@scaleway/sdk-iam";
import { Lbv1 } from "@scaleway/sdk-lb";
import { IAM_READING } from "../../../privileges/scaleway.ts";
import { type Check, failed, ok } from "../check.ts";
import { isForbidden } from "../kapsule.ts";

/** The names are Scaleway's to choose: whatever limits load balancers, by name or by its name for people. */
const LOAD_BALANCERS = /^lb[_-]|load.?balancer/i;

export const quotasCheck: Check = {
  title: "Quotas",
  async run(context) {
    const { config, deployed, env } = context;
    const made = new Set(deployed.endpoints.map(({ loadBalancer }) => loadBalancer?.name));
    const names = new Set(config.endpoints.map(({ loadBalancerName }) => loadBalancerName));
    const wanted = [...names].filter((name) => !made.has(name)).length;
    const client = await context.scaleway();
    const zone = config.zone as Zone;
    const { totalCount } = await new Lbv1.ZonedAPI(client).listLbs({ zone, pageSize: 1 });
    const there = `${totalCount} load balancers in ${zone}, and ${wanted} more to make`;
    const organizationId = env["SCW_DEFAULT_ORGANIZATION_ID"];
    const quota = await new Iamv1alpha1.API(client)
      .listQuota(organizationId ? { organizationId } : {})
      .all()
      .catch((error: unknown) => {
        if (isForbidden(error)) return undefined;
        throw error;
      });
    const limits = (quota ?? [])
      .filter(
        ({ name, prettyName }) => LOAD_BALANCERS.test(name) || LOAD_BALANCERS.test(prettyName),
      )
      .flatMap(({ name, unlimited, limit, limits: places }) =>
        unlimited ? [] : [{ name, limit: at(places, context.region, zone) ?? limit ?? 0 }],
      );
    const short = limits.find(({ limit }) => totalCount + wanted > limit);
    if (short)
      return [
        failed(
          `${there}: the quota ${short.name} is ${short.limit}`,
          "Ask Scaleway for more, in the console under Organization, Quotas, or delete what is not needed",
        ),
      ];
    const known = limits.map(({ name, limit }) => `${name} ${limit}`).join(", ");
    const unknown = quota
      ? "no quota of load balancers is told"
      : `the key may not read quotas (${IAM_READING})`;
    return [ok(`${there}; ${known ? `of ${known}` : unknown}`)];
  },
};

function at(places: Iamv1alpha1.QuotumLimit[] | undefined, region: string, zone: string) {
  const place = places?.find((each) => each.zone === zone || each.region === region || each.global);
  return place?.unlimited ? Number.POSITIVE_INFINITY : place?.limit;
}
