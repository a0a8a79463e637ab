/** The Kubernetes side of the CCM: clients, and what it writes to Services. */
import {
  ApiException,
  CoreV1Api,
  createConfiguration,
  KubeConfig,
  PatchStrategy,
  ServerConfiguration,
  setHeaderMiddleware,
  setHeaderOptions,
  type V1LoadBalancerIngress,
  type V1Service,
} from "@kubernetes/client-node";

/** Of k8s.io/cloud-provider: a Service that has it stays until its load balancer is cleaned up. */
export const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";

const USER_AGENT = "cloud-controller-manager/sandbox";

export interface KubernetesAccess {
  config: KubeConfig;
  core: CoreV1Api;
}

/** `kubeconfig` as an object, as it would be in a file. */
export function connectKubernetes(kubeconfig: object): KubernetesAccess {
  const config = new KubeConfig();
  config.loadFromString(JSON.stringify(kubeconfig));
  const server = config.getCurrentCluster()?.server ?? "";
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: config },
    middleware: [setHeaderMiddleware("User-Agent", USER_AGENT)],
  });
  return { config, core: new CoreV1Api(configuration) };
}

export function keyOf({ metadata }: V1Service): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

export function hasFinalizer({ metadata }: V1Service): boolean {
  return metadata?.finalizers?.includes(FINALIZER) ?? false;
}

const STRATEGIC = setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch);

/** Status and finalizers are patched through the status subresource, as the service controller does. */
async function patchStatus(core: CoreV1Api, { metadata }: V1Service, body: object): Promise<void> {
  const { name = "", namespace = "" } = metadata ?? {};
  try {
    await core.patchNamespacedServiceStatus({ name, namespace, body }, STRATEGIC);
  } catch (error) {
    throw plain(error);
  }
}

/** The client's message quotes the whole answer, headers included: the API server's own sentence is enough. */
function plain(error: unknown): unknown {
  if (!(error instanceof ApiException) || !String(error.body).startsWith("{")) return error;
  const { message } = JSON.parse(error.body) as { message: string };
  return Object.assign(new Error(message, { cause: error }), { code: error.code });
}

export async function addFinalizer(core: CoreV1Api, service: V1Service): Promise<void> {
  if (hasFinalizer(service)) return;
  await patchStatus(core, service, { metadata: { finalizers: [FINALIZER] } });
}

export async function removeFinalizer(core: CoreV1Api, service: V1Service): Promise<void> {
  if (!hasFinalizer(service)) return;
  const metadata = { "$deleteFromPrimitiveList/finalizers": [FINALIZER] };
  await patchStatus(core, service, { metadata });
}

/** No call when the status says so already. */
export async function writeIngress(
  core: CoreV1Api,
  service: V1Service,
  ingress: V1LoadBalancerIngress[],
): Promise<void> {
  const before = service.status?.loadBalancer?.ingress ?? [];
  const text = (list: V1LoadBalancerIngress[]) => {
    return JSON.stringify(list.map(({ ip, hostname, ipMode }) => [ip, hostname, ipMode]));
  };
  if (text(before) === text(ingress)) return;
  const value = ingress.length > 0 ? ingress : null;
  await patchStatus(core, service, { status: { loadBalancer: { ingress: value } } });
}

/** `null` removes a label. */
export async function patchLabels(
  core: CoreV1Api,
  { metadata }: V1Service,
  labels: Record<string, string | null>,
): Promise<void> {
  const { name = "", namespace = "" } = metadata ?? {};
  const body = { metadata: { labels } };
  await core.patchNamespacedService({ name, namespace, body }, STRATEGIC);
}

export function isNotFound(error: unknown): boolean {
  return (error as { code?: number }).code === 404;
}
