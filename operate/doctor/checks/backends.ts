/** That pods are ready behind each endpoint: through the Service's EndpointSlices, or by the selector before there is one. */
import { type CoreV1Api, DiscoveryV1Api, type V1Pod } from "@kubernetes/client-node";
import type { EndpointConfig } from "../../../config/stackConfig.ts";
import { type Check, type Finding, failed, ok, warning } from "../check.ts";

export const backendsCheck: Check = {
  title: "Pods",
  async run(context) {
    const core = await context.core();
    const slices = (await context.kubernetes()).makeApiClient(DiscoveryV1Api);
    return await Promise.all(
      context.config.endpoints.map(async (endpoint) =>
        judge(endpoint, (await bySlices(endpoint, slices)) ?? (await bySelector(endpoint, core))),
      ),
    );
  },
};

interface Pods {
  all: number;
  ready: number;
}

/** Undefined where there is no Service yet, or none that has found a pod. */
async function bySlices(
  { namespace, serviceName }: EndpointConfig,
  api: DiscoveryV1Api,
): Promise<Pods | undefined> {
  const labelSelector = `kubernetes.io/service-name=${serviceName}`;
  const { items } = await api.listNamespacedEndpointSlice({ namespace, labelSelector });
  const all = items.flatMap(({ endpoints }) => endpoints ?? []);
  const ready = all.filter(({ conditions }) => conditions?.ready !== false);
  return all.length > 0 ? { all: all.length, ready: ready.length } : undefined;
}

async function bySelector(endpoint: EndpointConfig, core: CoreV1Api): Promise<Pods> {
  const { namespace } = endpoint;
  const labelSelector = selectorText(endpoint);
  const { items } = await core.listNamespacedPod({ namespace, labelSelector });
  return { all: items.length, ready: items.filter(isReady).length };
}

function judge(endpoint: EndpointConfig, { all, ready }: Pods): Finding {
  const { domain, namespace } = endpoint;
  const selector = selectorText(endpoint);
  const look = `Look at them: kubectl -n ${namespace} get pods -l ${selector}`;
  if (all === 0)
    return failed(
      `no pod in ${namespace} matches ${selector} of ${domain}`,
      "Correct `selector` or `namespace` in the stack file, or deploy the tool",
    );
  if (ready === 0) return failed(`none of the ${all} pods of ${domain} is ready`, look);
  if (ready < all) return warning(`${ready} of ${all} pods of ${domain} are ready`, look);
  return ok(`${ready} ready for ${domain}`);
}

const selectorText = ({ selector }: EndpointConfig) =>
  Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");

const isReady = ({ status }: V1Pod) =>
  status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") === true;
