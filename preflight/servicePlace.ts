/** Whether the endpoint's Service can be made where it is to be: asked before the one that serves is deleted. */
import { kubernetesApi, refusalOf } from "../dynamic/kubernetes.ts";
import type { ServicePlace } from "./provider.ts";

/**
 * What is in the way of a Service, in words. The API is asked to create it without doing so (a dry run), which needs no
 * right but the one that the run needs anyway: reading namespaces would.
 *
 * @throws Error when the API cannot be asked, or gives no right to create Services
 */
export async function obstacles({
  kubeContext,
  namespace,
  serviceName: name,
}: ServicePlace): Promise<string[]> {
  const where = `the cluster of the context ${kubeContext}`;
  const body = { metadata: { name, namespace }, spec: { ports: [{ port: 443 }] } };
  try {
    const api = await kubernetesApi(kubeContext);
    await api.createNamespacedService({ namespace, body, dryRun: "All" });
    return [];
  } catch (error) {
    const { code, message } = refusalOf(error);
    if (code === 404) return [`there is no namespace ${namespace} in ${where}`];
    if (code === 409) return [`there is a Service ${namespace}/${name} in ${where} already`];
    if (code === 403 && message.includes("being terminated"))
      return [`the namespace ${namespace} in ${where} is being deleted`];
    // A policy of the cluster may refuse this Service and take the real one.
    if (code === 400 || code === 422 || message.includes("admission")) return [];
    // What the API has said is said whole; the client's error repeats it with all headers.
    throw new Error(`${where}: ${message}`, code === undefined ? { cause: error } : {});
  }
}
