/**
 * The rules of Scaleway's cloud controller manager, by which alone frontends come to be:
 * https://github.com/scaleway/scaleway-cloud-controller-manager/blob/master/docs/loadbalancer-annotations.md
 */
import type { CoreV1Api, V1Service } from "@kubernetes/client-node";
import type { Zone } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { bareId } from "../../../frontend/bareId.ts";
import type { DeployedEndpoint, DeployedService } from "../../deployed.ts";
import { type Check, type Finding, failed, list, orOk, warning } from "../check.ts";
import type { Context } from "../context.ts";

const PREFIX = "service.beta.kubernetes.io/scw-loadbalancer-";
const UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized";

export const ccmCheck: Check = {
  title: "Cloud controller manager",
  async run(context) {
    const nodes = await context.nodes();
    const foreign = nodes
      .filter(
        ({ spec }) =>
          !spec?.providerID?.startsWith("scaleway://") ||
          spec.taints?.some(({ key }) => key === UNINITIALIZED),
      )
      .map(({ metadata }) => metadata?.name ?? "");
    if (foreign.length > 0)
      return [
        failed(
          `no Scaleway CCM has initialised the nodes ${list(foreign)}: no frontend would come to be`,
          "Use a Kapsule cluster, or run Scaleway's cloud controller manager in it",
        ),
      ];
    const core = await context.core();
    const found = await Promise.all(
      context.deployed.endpoints.map((endpoint) => examine(endpoint, core, context)),
    );
    const count = context.deployed.endpoints.length;
    const made = count === 0 ? "nothing is made yet" : "every Service follows its rules";
    return orOk(found.flat(), `it has initialised the nodes; ${made}`);
  },
};

async function examine(
  { domain, loadBalancer, service }: DeployedEndpoint,
  core: CoreV1Api,
  context: Context,
): Promise<Finding[]> {
  if (!loadBalancer || !service) return [];
  const { namespace, name } = service;
  const found = await orUndefined(core.readNamespacedService({ namespace, name }));
  if (!found)
    return [
      failed(`the Service ${namespace}/${name} of ${domain} is gone`, "Run a refresh, then `up`"),
    ];
  const faults = annotationFaults(found, bareId(loadBalancer.id));
  const findings =
    faults.length > 0
      ? [failed(`the Service ${namespace}/${name} ${list(faults)}`, "Run a refresh, then `up`")]
      : [];
  return [
    ...findings,
    ...(await frontendFaults(domain, loadBalancer, service, context)),
    ...(await lastComplaint(core, found)),
  ];
}

function annotationFaults({ metadata, status }: V1Service, loadBalancerId: string): string[] {
  const value = (key: string) => metadata?.annotations?.[`${PREFIX}${key}`];
  const faults: string[] = [];
  if (value("externally-managed") !== "true") faults.push("is not marked as externally managed");
  if (value("private") !== "true") faults.push("is not marked as private");
  if (bareId(value("id") ?? "") !== loadBalancerId) faults.push("names another load balancer");
  if (metadata?.deletionTimestamp) faults.push("is being deleted");
  if (!status?.loadBalancer?.ingress?.length) faults.push("has no address from the CCM yet");
  return faults;
}

async function frontendFaults(
  domain: string,
  { id, name, zone }: NonNullable<DeployedEndpoint["loadBalancer"]>,
  { uid, ports }: DeployedService,
  context: Context,
): Promise<Finding[]> {
  const api = new Lbv1.ZonedAPI(await context.scaleway());
  const lbId = bareId(id);
  const at = { zone: zone as Zone, lbId };
  const lb = await orUndefined(api.getLb(at));
  if (!lb)
    return [failed(`the load balancer ${name} of ${domain} is gone`, "Run a refresh, then `up`")];
  const findings: Finding[] = [];
  if (lb.status !== "ready")
    findings.push(
      warning(
        `the load balancer ${name} is ${lb.status}, and the CCM waits until it is ready`,
        "Wait, and look at it in the Scaleway console",
      ),
    );
  const frontends = await api.listFrontends(at).all();
  for (const port of ports) {
    const there = frontends.find(({ inboundPort }) => inboundPort === port);
    const wanted = `${uid}_tcp_${port}`;
    if (there?.name === wanted) continue;
    findings.push(
      there
        ? failed(
            `port ${port} of ${name} is held by the frontend ${there.name}, which is not the CCM's: it cannot make its own, ${wanted}`,
            "Delete that frontend, or rename it to what the CCM expects",
          )
        : failed(
            `${name} has no frontend ${wanted}`,
            "Look at the CCM's events: kubectl describe service",
          ),
    );
  }
  return findings;
}

/** The newest event of the Service, if it is a warning. */
async function lastComplaint(core: CoreV1Api, { metadata }: V1Service): Promise<Finding[]> {
  const { namespace = "", name = "", uid = "" } = metadata ?? {};
  const fieldSelector = `involvedObject.uid=${uid}`;
  const { items } = await core.listNamespacedEvent({ namespace, fieldSelector });
  const at = ({ lastTimestamp, eventTime }: (typeof items)[number]) =>
    new Date(lastTimestamp ?? eventTime ?? 0).getTime();
  const newest = items
    .filter(({ involvedObject }) => involvedObject.uid === uid)
    .toSorted((a, b) => at(b) - at(a))[0];
  if (newest?.type !== "Warning") return [];
  const advice = "Mend that; the CCM tries again, at last every five minutes";
  return [warning(`of ${namespace}/${name} the CCM says: ${newest.message}`, advice)];
}

async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    const { code, status } = error as { code?: unknown; status?: unknown };
    if (code === 404 || status === 404) return undefined;
    throw error;
  }
}
