/** The Kapsule cluster behind the kube context, as Scaleway's API has it. */
import { Errors } from "@scaleway/sdk-client";
import { K8Sv1 } from "@scaleway/sdk-k8s";
import type { Context } from "./context.ts";

export interface Kapsule {
  cluster: K8Sv1.Cluster;
  pools: K8Sv1.Pool[];
}

/** Undefined when none of the clusters that the key sees has the context's server. @throws Error as the API refuses */
export async function findKapsule(context: Context): Promise<Kapsule | undefined> {
  const { region } = context;
  const server = (await context.kubernetes()).getCurrentCluster()?.server ?? "";
  const api = new K8Sv1.API(await context.scaleway());
  const clusters = await api.listClusters({ region }).all();
  // The server's name begins with the cluster's id; a proxy or a bastion before it keeps at least that.
  const cluster = clusters.find(
    ({ id, clusterUrl }) => sameOrigin(clusterUrl, server) || server.includes(id),
  );
  if (!cluster) return undefined;
  return { cluster, pools: await api.listPools({ region, clusterId: cluster.id }).all() };
}

function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin;
}

/** Whether the key lacks the permission for what was asked. */
export function isForbidden(error: unknown): boolean {
  return error instanceof Errors.ScalewayError && error.status === 403;
}
