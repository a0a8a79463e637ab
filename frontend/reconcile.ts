/**
 * Makes the CCM look at a Service again. It follows changes of the Service only, so a frontend that was changed
 * over the API stays as it is until one comes; the frontend itself is the CCM's, and is never written from here.
 */
import { Failure, reason } from "../dynamic/failure.ts";

export interface ServiceReference {
  kubeContext: string;
  namespace: string;
  serviceName: string;
}

/** Owned by this field manager alone: the program's own fields are not touched. */
const FIELD_MANAGER = "private-lb-barrier";
export const ANNOTATION = "private-lb/reconcile-requested-at";

/** One request, ms. */
const TIMEOUT = 15_000;

/**
 * Sets one annotation by server-side apply. Takes the cluster from KUBECONFIG, or the user's kubeconfig.
 *
 * @throws Failure naming the Service and the context.
 */
export async function requestReconcile(
  { kubeContext, namespace, serviceName: name }: ServiceReference,
  now = new Date(),
): Promise<void> {
  try {
    const { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } = await import(
      "@kubernetes/client-node"
    );
    const config = new KubeConfig();
    config.loadFromDefault();
    config.setCurrentContext(kubeContext);
    if (!config.getCurrentCluster())
      throw new Error(`the kubeconfig has no context "${kubeContext}"`);
    const annotations = { [ANNOTATION]: now.toISOString() };
    const body = { apiVersion: "v1", kind: "Service", metadata: { name, namespace, annotations } };
    const patched = config
      .makeApiClient(CoreV1Api)
      .patchNamespacedService(
        { name, namespace, body, fieldManager: FIELD_MANAGER, force: true },
        setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply),
      );
    await within(patched, TIMEOUT);
  } catch (cause) {
    throw new Failure({
      subject: `Service ${namespace}/${name} in the context ${kubeContext}`,
      step: "asking the cloud controller manager to reconcile it",
      seen: refusal(cause),
      advice: "The run needs KUBECONFIG with that context, and the right to patch Services",
      cause,
    });
  }
}

async function within<T>(work: Promise<T>, timeout: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeout} ms`)), timeout);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The API's own words; the client's message holds every header as well. */
function refusal(error: unknown): string {
  const { code, body } = error as { code?: unknown; body?: unknown };
  if (typeof code !== "number") return reason(error);
  const [, message] = /"message":"((?:[^"\\]|\\.)*)"/.exec(String(body)) ?? [];
  return `${code}${message ? `: ${message}` : ""}`;
}
