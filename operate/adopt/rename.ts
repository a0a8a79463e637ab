/**
 * The one write of adoption: a frontend that was renamed gets back the name by which the CCM knows it. The CCM writes
 * into a frontend of that name what the Service says, so the Service must name the certificate first, and the CCM must
 * have seen it: else the frontend would lose it.
 */
import type { CoreV1Api } from "@kubernetes/client-node";
import type { Zone } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import type { Environment } from "../../dynamic/environment.ts";
import { Failure } from "../../dynamic/failure.ts";
import { kubernetesApi } from "../../dynamic/kubernetes.ts";
import { poll } from "../../dynamic/poll.ts";
import { scalewayClient } from "../../dynamic/scaleway.ts";
import { ANNOTATION } from "../../frontend/reconcile.ts";
import { SCALEWAY } from "./clusterSurvey.ts";
import type { Rename } from "./proposal.ts";
import type { Settings } from "./stackFile.ts";

/** Of the service controller, at the beginning of each sync. */
const SYNC_BEGINS = "EnsuringLoadBalancer";
/** Whose fields Pulumi takes over with its first update of the Service. */
const FIELD_MANAGER = "pulumi-kubernetes";
const PACE = { first: 100, max: 2000 };

export interface RenameOptions {
  settings: Settings;
  env: Environment;
  /** To wait for the CCM, ms. @default 60,000 */
  timeout?: number;
  signal?: AbortSignal | undefined;
}

/** @throws Failure when the CCM is not seen to follow: nothing was renamed then */
export async function renameFrontend(rename: Rename, options: RenameOptions): Promise<void> {
  const { frontend, to } = rename;
  const { settings, env } = options;
  const zone = settings.zone as Zone;
  const api = new Lbv1.ZonedAPI(scalewayClient(env));
  await announceCertificate(rename, options);
  // As it is now, and not as it was found: only its name is to change.
  const now = await api.getFrontend({ zone, frontendId: frontend.id });
  await api.updateFrontend({
    ...{ zone, frontendId: now.id, name: to, inboundPort: now.inboundPort },
    ...{ backendId: now.backend?.id ?? "", certificateIds: now.certificateIds },
    ...{ enableHttp3: now.enableHttp3, enableAccessLogs: now.enableAccessLogs },
    ...(now.timeoutClient && { timeoutClient: durationOf(now.timeoutClient) }),
    ...(now.connectionRateLimit !== undefined && { connectionRateLimit: now.connectionRateLimit }),
  });
}

/** The API gives a number of milliseconds, whatever its client says, and takes a text. */
function durationOf(timeout: string | number): string {
  return typeof timeout === "number" ? `${timeout / 1000}s` : timeout;
}

/**
 * Annotates the Service with the certificate, and waits until the CCM has looked at it since. Twice: the first look that
 * is seen may have begun just before the annotation. The CCM has one at a time, so that the second begins after the first.
 */
async function announceCertificate(rename: Rename, options: RenameOptions): Promise<void> {
  const { frontend, port, service } = rename;
  const [certificate] = frontend.certificateIds;
  if (certificate === undefined) return;
  const { settings, env, timeout = 60_000, signal } = options;
  const { PatchStrategy, setHeaderOptions } = await import("@kubernetes/client-node");
  const core = await kubernetesApi(settings.kubeContext, env);
  const announce = () => {
    const annotations = {
      [`${SCALEWAY}certificate-ids`]: `${port}:${certificate}`,
      // The other one is a change the first time only, and the CCM follows changes.
      [ANNOTATION]: new Date().toISOString(),
    };
    return core.patchNamespacedService(
      { ...service, body: { metadata: { annotations } }, fieldManager: FIELD_MANAGER },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
  };
  for (const _look of ["perhaps of before", "of after"]) {
    const before = await syncsOf(core, service);
    await announce();
    const isSeen = async () => ((await syncsOf(core, service)) > before ? true : undefined);
    if (!(await poll(isSeen, { ...PACE, timeout, signal }))) throw notFollowed(rename, timeout);
  }
}

/** How many times the CCM has begun to sync the Service, as far as its events still tell. */
async function syncsOf(core: CoreV1Api, { namespace, name }: Rename["service"]): Promise<number> {
  const fieldSelector = `involvedObject.kind=Service,involvedObject.name=${name}`;
  const { items } = await core.listNamespacedEvent({ namespace, fieldSelector });
  return items
    .filter(({ reason }) => reason === SYNC_BEGINS)
    .reduce((sum, { count = 1 }) => sum + count, 0);
}

function notFollowed({ frontend, service }: Rename, timeout: number): Failure {
  return new Failure({
    subject: `frontend ${frontend.name}`,
    step: "waiting for the cloud controller manager to see the certificate's annotation",
    seen: `no event ${SYNC_BEGINS} of Service ${service.namespace}/${service.name} within ${timeout / 1000} s; nothing was renamed`,
    advice:
      "Is it running? kubectl describe the Service for its last error, and try again; of a Service that was changed often it tells one such event in 5 minutes",
  });
}
