/**
 * Scaleway's cloud controller manager as far as the job needs it: Services of type LoadBalancer on load balancers
 * that are managed elsewhere. It follows the behaviour of the original
 * (https://github.com/scaleway/scaleway-cloud-controller-manager) and works over the two APIs alone.
 */
import { ServiceController } from "./controller.ts";
import { connectKubernetes } from "./kubernetes.ts";
import { LoadBalancers, type ScalewayAccess } from "./loadBalancers.ts";
import type { Backoff } from "./queue.ts";

export type { ScalewayAccess } from "./loadBalancers.ts";
export type { Backoff } from "./queue.ts";

export interface CcmOptions {
  /** As in a file; its current context is the cluster. */
  kubeconfig: object;
  scaleway: ScalewayAccess;
  /** The cluster's own private network, attached to load balancers that lack it. */
  privateNetworkId: string;
  /** A load balancer whose name begins so is refused as the cluster's own; every one when it is empty. */
  clusterId: string;
  /** @default 5 s, doubled up to 300 s */
  backoff?: Backoff;
}

export interface Ccm {
  /** From now on each change is acted on only so many milliseconds after it was seen. */
  setDelay(milliseconds: number): void;
  /** Down: nothing is seen or done until `start`. */
  stop(): Promise<void>;
  /** Up again, with nothing remembered: every Service is looked at anew. */
  start(): Promise<void>;
  /** Resolves when all Services as they are now were seen, and nothing but retries is left to do. */
  idle(): Promise<void>;
  /** What happens every five minutes: tags of load balancers become labels of Services. */
  syncTags(): Promise<void>;
  close(): Promise<void>;
}

export async function startCcm(options: CcmOptions): Promise<Ccm> {
  const { kubeconfig, scaleway, privateNetworkId, clusterId, backoff } = options;
  const kubernetes = connectKubernetes(kubeconfig);
  const balancers = new LoadBalancers({ scaleway, privateNetworkId, clusterPrefix: clusterId });
  let delay = 0;
  let controller: ServiceController | undefined;
  const start = async () => {
    if (controller) return;
    controller = new ServiceController(kubernetes, balancers, { backoff, delay: () => delay });
    await controller.start();
  };
  const stop = async () => {
    const running = controller;
    controller = undefined;
    await running?.stop();
  };
  await start();
  return {
    setDelay: (milliseconds) => {
      delay = milliseconds;
    },
    stop,
    start,
    idle: async () => controller?.idle(),
    syncTags: async () => controller?.syncTags(),
    close: stop,
  };
}
