/**
 * Makes the CCM look at a Service again. It follows changes of the Service only, so a frontend that was changed
 * over the API stays as it is until one comes; the frontend itself is the CCM's, and is never written from here.
 */
import { Failure } from "../dynamic/failure.ts";
import { kubernetesApi, refusalOf } from "../dynamic/kubernetes.ts";

export interface ServiceReference {
  kubeContext: string;
  namespace: string;
  serviceName: string;
}

/** Owned by this field manager alone: the program's own fields are not touched. */
const FIELD_MANAGER = "private-lb-barrier";
export const ANNOTATION = "private-lb/reconcile-requested-at";

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
    const { PatchStrategy, setHeaderOptions } = await import("@kubernetes/client-node");
    const api = await kubernetesApi(kubeContext);
    const annotations = { [ANNOTATION]: now.toISOString() };
    const body = { apiVersion: "v1", kind: "Service", metadata: { name, namespace, annotations } };
    await api.patchNamespacedService(
      { name, namespace, body, fieldManager: FIELD_MANAGER, force: true },
      setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply),
    );
  } catch (cause) {
    throw new Failure({
      subject: `Service ${namespace}/${name} in the context ${kubeContext}`,
      step: "asking the cloud controller manager to reconcile it",
      seen: refusalOf(cause).message,
      advice: "The run needs KUBECONFIG with that context, and the right to patch Services",
      cause,
    });
  }
}
