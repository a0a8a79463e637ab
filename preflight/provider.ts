/**
 * The dynamic provider of `lb:Preflight`: that an endpoint's names are free, before anything is made that bears them.
 * Scaleway takes two load balancers of one name, and Cloudflare two A records: nothing but this look tells the user.
 * Its path and these functions are what every state calls (`dynamic/shim.ts`).
 */
import type { dynamic } from "@pulumi/pulumi";
import { Failure, reason } from "../dynamic/failure.ts";

export interface PreflightInputs {
  /** The endpoint's, for messages. */
  domain: string;
  /** Scaleway zone, such as `fr-par-1`. */
  zone: string;
  /** The load balancer's name. */
  loadBalancer: string;
  /** Tags of a load balancer of this stack and domain. */
  tags: string[];
  /** Full names of the A records, each with Cloudflare's id of its zone. */
  records: { name: string; zoneId: string }[];
  /** `project/stack`, with which the comments of the stack's own records begin. */
  owner: string;
}

export async function check(_olds: unknown, news: PreflightInputs): Promise<dynamic.CheckResult> {
  return { inputs: news };
}

export async function diff(
  _id: string,
  olds: PreflightInputs,
  news: PreflightInputs,
): Promise<dynamic.DiffResult> {
  return { changes: JSON.stringify(keys(olds)) !== JSON.stringify(keys(news)) };
}

/** @throws Failure with everything that is in the way. */
export async function create(inputs: PreflightInputs): Promise<dynamic.CreateResult> {
  await look(inputs, []);
  return { id: inputs.domain, outs: inputs };
}

/** Looks only for what is new: the rest is there by now, and is the endpoint's own. @throws Failure */
export async function update(
  _id: string,
  olds: PreflightInputs,
  news: PreflightInputs,
): Promise<dynamic.UpdateResult> {
  await look(news, keys(olds));
  return { outs: news };
}

/** Nothing to observe: it was free at the time. */
export async function read(id: string, props: PreflightInputs): Promise<dynamic.ReadResult> {
  return { id, props };
}

/** There is nothing to take away. */
export async function remove(): Promise<void> {}

const balancerKey = ({ zone, loadBalancer }: PreflightInputs) => `${zone}/${loadBalancer}`;
const recordKey = ({ name, zoneId }: PreflightInputs["records"][number]) => `${zoneId}/${name}`;

/** What is looked for. */
function keys(inputs: PreflightInputs): string[] {
  return [balancerKey(inputs), ...inputs.records.map(recordKey).sort()];
}

async function look(inputs: PreflightInputs, known: string[]): Promise<void> {
  // The clients are loaded here: a preview needs none of them.
  const { foreignRecords, sameNamedBalancers } = await import("./namesTaken.ts");
  const { domain: subject } = inputs;
  const step = "checking that its names are free";
  const taken = await Promise.all([
    known.includes(balancerKey(inputs)) ? [] : sameNamedBalancers(inputs),
    ...inputs.records
      .filter((record) => !known.includes(recordKey(record)))
      .map((record) => foreignRecords(record, inputs.owner)),
  ]).catch((error: unknown) => {
    throw new Failure({ subject, step, seen: reason(error), advice: ACCESS, cause: error });
  });
  const seen = taken.flat();
  if (seen.length > 0) throw new Failure({ subject, step, seen: seen.join("; "), advice: FREE });
}

const ACCESS =
  "SCW_ACCESS_KEY and SCW_SECRET_KEY need LoadBalancersFullAccess, and CLOUDFLARE_API_TOKEN Zone.DNS:Edit on the zones";
const FREE = "Delete what is not needed there, or give the endpoint other names, and run again";
