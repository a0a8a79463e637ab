/**
 * The dynamic provider of `lb:Preflight`: that nothing is in an endpoint's way, before anything of it is made, replaced
 * or deleted. Scaleway takes two load balancers of one name, and Cloudflare two A records: nothing but this look tells
 * the user. What the vendors refuse by themselves they refuse late, when an old Service is gone, and without advice.
 * Its path and these functions are what every state calls (`dynamic/shim.ts`).
 */
import type { dynamic } from "@pulumi/pulumi";
import { Failure, reason } from "../dynamic/failure.ts";
import { abandonable } from "../dynamic/interrupt.ts";
import { TOKEN_NEEDS } from "../privileges/cloudflare.ts";
import { KEY_NEEDS } from "../privileges/scaleway.ts";

export interface PreflightInputs {
  /** The endpoint's, or the name of a load balancer that several share: for messages. */
  domain: string;
  /** Scaleway zone, such as `fr-par-1`. */
  zone: string;
  /** The load balancer's name. Absent for an endpoint that shares one, which has a preflight of its own. */
  loadBalancer?: string;
  /** Tags of the load balancer. */
  tags: string[];
  /** Full names of the A records, each with Cloudflare's id of its zone. */
  records: { name: string; zoneId: string }[];
  /** `project/stack`, with which the comments of the stack's own records begin. */
  owner: string;
  /** The addresses that the configuration fixes. Absent in states of before there was a look at them. */
  addresses?: FixedAddress[];
  /** Absent likewise. */
  service?: ServicePlace;
  /** What is imported in the same run: bare ids, and `<namespace>/<name>` of the Service. */
  adopted?: string[];
}

export interface FixedAddress {
  /** `fr-par` */
  region: string;
  /** The private network's name. */
  network: string;
  /** Its id, `fr-par/<uuid>` or bare. */
  networkId: string;
  /** IPv4, without a mask. */
  address: string;
}

/** Where the endpoint's Service is to be. */
export interface ServicePlace {
  /** Context of the run's kubeconfig. */
  kubeContext: string;
  namespace: string;
  serviceName: string;
}

export async function check(_olds: unknown, news: PreflightInputs): Promise<dynamic.CheckResult> {
  return { inputs: news };
}

export async function diff(
  _id: string,
  olds: PreflightInputs,
  news: PreflightInputs,
): Promise<dynamic.DiffResult> {
  return { changes: keysOf(known(olds, news)).join() !== keysOf(news).join() };
}

/** @throws Failure with everything that is in the way. */
export async function create(inputs: PreflightInputs): Promise<dynamic.CreateResult> {
  await abandonable(() => look(inputs, []));
  return { id: inputs.domain, outs: inputs };
}

/** Looks only for what is new: the rest is there by now, and is the endpoint's own. @throws Failure */
export async function update(
  _id: string,
  olds: PreflightInputs,
  news: PreflightInputs,
): Promise<dynamic.UpdateResult> {
  await abandonable(() => look(news, keysOf(known(olds, news))));
  return { outs: news };
}

/** Nothing to observe: it was free at the time. */
export async function read(id: string, props: PreflightInputs): Promise<dynamic.ReadResult> {
  return { id, props };
}

/** There is nothing to take away. */
export async function remove(): Promise<void> {}
export { remove as delete };

/**
 * What was there when the state was written. Of what was not looked at then, what is wanted now is there: but for the
 * load balancer, which every state tells where the endpoint had its own.
 */
function known(olds: PreflightInputs, news: PreflightInputs): PreflightInputs {
  const { loadBalancer: _wanted, ...others } = news;
  return { ...others, ...olds };
}

interface Look {
  /** What is looked for. */
  key: string;
  /** What is in the way, in words. Loads the clients: a preview needs none of them. */
  find(): Promise<string[]>;
  /** What to do about it. */
  remedy: string;
  /** What the run needs to look. */
  access: string;
  /**
   * Comes after the others: the Kubernetes client takes long to load, and meanwhile this process would not register the
   * account, for which the whole stack waits.
   */
  isLate?: true;
}

const RELEASE = "Delete what is not needed there, or give the endpoint other names, and run again";
const KUBERNETES =
  "KUBECONFIG needs that context, and its user the right to create Services in the namespace. See to namespace: a user with rights in some only gets the same answer for one that does not exist";

function looksOf(inputs: PreflightInputs): Look[] {
  const { loadBalancer, records, addresses = [], service, adopted = [] } = inputs;
  return [
    ...(loadBalancer === undefined ? [] : [lookAtBalancer(loadBalancer, inputs)]),
    ...records.map((record) => ({
      key: `${record.zoneId}/${record.name}`,
      find: async () => (await import("./namesTaken.ts")).foreignRecords(record, inputs),
      remedy: RELEASE,
      access: TOKEN_NEEDS,
    })),
    ...addresses.map((fixed) => ({
      key: `${fixed.networkId}/${fixed.address}`,
      find: async () => (await import("./addressesTaken.ts")).holdersOf(fixed, inputs),
      remedy: "Release the address there, or fix another one or none, and run again",
      access: KEY_NEEDS,
    })),
    ...(service ? [lookAtService(service, adopted)] : []),
  ];
}

function lookAtBalancer(loadBalancer: string, inputs: PreflightInputs): Look {
  return {
    key: `${inputs.zone}/${loadBalancer}`,
    find: async () =>
      (await import("./namesTaken.ts")).sameNamedBalancers({ ...inputs, loadBalancer }),
    remedy: RELEASE,
    access: KEY_NEEDS,
  };
}

function lookAtService(place: ServicePlace, adopted: string[]): Look {
  const { kubeContext, namespace, serviceName } = place;
  return {
    key: `${kubeContext}/${namespace}/${serviceName}`,
    find: async () => {
      if (adopted.includes(`${namespace}/${serviceName}`)) return [];
      return (await import("./servicePlace.ts")).obstacles(place);
    },
    remedy: `See to namespace, serviceName and kubeContext of the endpoint, or to the cluster (kubectl --context ${kubeContext} get namespace,service --namespace ${namespace}), and run again`,
    access: KUBERNETES,
    isLate: true,
  };
}

const keysOf = (inputs: PreflightInputs): string[] =>
  looksOf(inputs)
    .map(({ key }) => key)
    .sort();

async function look(inputs: PreflightInputs, isThere: string[]): Promise<void> {
  const { domain: subject } = inputs;
  const step = "checking that nothing is in its way";
  const looks = looksOf(inputs).filter(({ key }) => !isThere.includes(key));
  const soon = await Promise.all(looks.filter(({ isLate }) => !isLate).map(looked));
  const late = await Promise.all(looks.filter(({ isLate }) => isLate).map(looked));
  const results = [...soon, ...late];
  const seen = results.flatMap((result) => result.seen);
  if (seen.length === 0) return;
  const advice = new Set(results.flatMap((result) => result.advice ?? []));
  throw new Failure({ subject, step, seen: seen.join("; "), advice: [...advice].join(". ") });
}

async function looked({ find, remedy, access }: Look) {
  try {
    const seen = await find();
    return { seen, advice: seen.length > 0 ? remedy : undefined };
  } catch (error) {
    return { seen: [reason(error)], advice: access };
  }
}
