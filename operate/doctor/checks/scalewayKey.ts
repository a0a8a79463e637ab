/** The API key, and what it may do: https://www.scaleway.com/en/docs/iam/reference-content/permission-sets/ */
import { type Client, Errors, type Zone } from "@scaleway/sdk-client";
import { Iamv1alpha1 } from "@scaleway/sdk-iam";
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { Lbv1 } from "@scaleway/sdk-lb";
import {
  IAM_READING,
  OBSERVING_SET,
  PERMISSION_SETS,
  policy,
} from "../../../privileges/scaleway.ts";
import { duration } from "../../renew.ts";
import { type Check, type Finding, failed, list, ok, warning } from "../check.ts";
import type { Context } from "../context.ts";

const SOON = 14 * 24 * 60 * 60 * 1000;

export const scalewayKeyCheck: Check = {
  title: "Scaleway key",
  async run(context) {
    const { env } = context;
    const client = await context.scaleway();
    const refused: string[] = [];
    for (const [what, ask] of reads(client, context)) {
      const error = await refusal(ask);
      if (error?.status === 401) {
        const advice =
          "Set SCW_ACCESS_KEY and SCW_SECRET_KEY to a key that exists, and belong together";
        return [failed(`Scaleway does not know the key ${env["SCW_ACCESS_KEY"]}`, advice)];
      }
      if (error) refused.push(what);
    }
    if (refused.length > 0)
      return [
        failed(
          `the key may not read ${list(refused)}`,
          policy(env["SCW_DEFAULT_PROJECT_ID"], neededSets(context)),
        ),
      ];
    return await rights(new Iamv1alpha1.API(client), context);
  },
};

const neededSets = ({ config }: Context) =>
  config.cockpitAlerts ? [...PERMISSION_SETS, OBSERVING_SET] : PERMISSION_SETS;

/** One question for each product: that it may be read. */
function reads(client: Client, context: Context): [what: string, ask: () => Promise<unknown>][] {
  const { region } = context;
  const zone = context.config.zone as Zone;
  return [
    ["load balancers", () => new Lbv1.ZonedAPI(client).listLbs({ zone, pageSize: 1 })],
    ["addresses (IPAM)", () => new Ipamv1.API(client).listIPs({ region, pageSize: 1 })],
    ["private networks", () => context.networks()],
  ];
}

async function refusal(ask: () => Promise<unknown>): Promise<{ status: number } | undefined> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    const { status } = error as { status?: unknown };
    if (status === 401 || status === 403) return { status };
    throw error;
  }
}

/** What it may write is written in IAM, which a key of least privilege may not read. */
async function rights(iam: Iamv1alpha1.API, context: Context): Promise<Finding[]> {
  const { env, now } = context;
  const project = env["SCW_DEFAULT_PROJECT_ID"];
  const needed = neededSets(context);
  try {
    const key = await iam.getAPIKey({ accessKey: env["SCW_ACCESS_KEY"] ?? "" });
    const granted = await permissionSets(iam, key, project);
    const missing = needed
      .filter(({ anyOf }) => !anyOf.some((name) => granted.has(name)))
      .map(({ anyOf: [name] }) => String(name));
    const left = key.expiresAt ? key.expiresAt.getTime() - now.getTime() : Number.POSITIVE_INFINITY;
    const findings = [
      missing.length > 0
        ? failed(`the key lacks ${list(missing)}`, policy(project, needed))
        : ok("valid, and allowed what is needed"),
    ];
    if (left < SOON) {
      const advice = "Make another key, and replace it where the schedule runs";
      findings.push(warning(`the key expires in ${duration(left)}`, advice));
    }
    return findings;
  } catch (error) {
    if (!(error instanceof Errors.ScalewayError) || ![403, 404].includes(error.status)) throw error;
    return [
      ok(
        `valid, and reads what is needed; what it may write is not readable without ${IAM_READING}`,
      ),
    ];
  }
}

async function permissionSets(
  iam: Iamv1alpha1.API,
  { applicationId, userId }: Iamv1alpha1.APIKey,
  project: string | undefined,
): Promise<Set<string>> {
  const policies = await iam
    .listPolicies({
      ...(applicationId && { applicationIds: [applicationId] }),
      ...(userId && { userIds: [userId] }),
    })
    .all();
  const rules = await Promise.all(policies.map(({ id }) => iam.listRules({ policyId: id }).all()));
  const here = rules
    .flat()
    .filter(({ projectIds }) => !projectIds || !project || projectIds.includes(project));
  return new Set(here.flatMap(({ permissionSetNames }) => permissionSetNames ?? []));
}
