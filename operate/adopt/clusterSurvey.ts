/** The Services that name one of the load balancers in their annotations. */
import type { KubeConfig, V1Service } from "@kubernetes/client-node";
import type { Environment } from "../../dynamic/environment.ts";
import { kubernetesConfig, refusalOf } from "../../dynamic/kubernetes.ts";
import { bareId } from "../../frontend/bareId.ts";
import type { FoundService } from "./survey.ts";

/** Prefix of the CCM's annotations: its docs/loadbalancer-annotations.md. */
export const SCALEWAY = "service.beta.kubernetes.io/scw-loadbalancer-";

/** By the bare id of the load balancer. @throws Error naming the context, with the API's words */
export async function clusterSurvey(
  context: string,
  balancerIds: string[],
  env: Environment,
): Promise<Map<string, FoundService[]>> {
  const config = await kubernetesConfig(context, env);
  try {
    const found = await servicesOf(config, balancerIds);
    return Map.groupBy(found, ({ service }) => balancerOf(service));
  } catch (cause) {
    throw new Error(
      `the cluster of the context ${context} does not list its Services and NetworkPolicies: ${refusalOf(cause).message}`,
      { cause },
    );
  }
}

async function servicesOf(config: KubeConfig, balancerIds: string[]): Promise<FoundService[]> {
  const { CoreV1Api, NetworkingV1Api } = await import("@kubernetes/client-node");
  const { items } = await config.makeApiClient(CoreV1Api).listServiceForAllNamespaces();
  const services = items.filter((service) => balancerIds.includes(balancerOf(service)));
  const networking = config.makeApiClient(NetworkingV1Api);
  return Promise.all(
    services.map(async (service) => {
      const { name, namespace = "" } = service.metadata ?? {};
      const policies = await networking.listNamespacedNetworkPolicy({ namespace });
      return { service, hasPolicy: policies.items.some((each) => each.metadata?.name === name) };
    }),
  );
}

function balancerOf({ metadata }: V1Service): string {
  return bareId(metadata?.annotations?.[`${SCALEWAY}id`] ?? "");
}
