import type { CoreV1Api } from "@kubernetes/client-node";
import { reason } from "./failure.ts";

/** One request, ms. */
const TIMEOUT = 15_000;

/**
 * The official client for that context of the run's kubeconfig: KUBECONFIG, or the user's own. Loaded when it is asked
 * for: it is large, and a preview needs none of it.
 *
 * @throws Error when the kubeconfig cannot be read, or has no such context
 */
export async function kubernetesApi(context: string): Promise<CoreV1Api> {
  const { CoreV1Api: Api, KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromDefault();
  config.setCurrentContext(context);
  if (!config.getCurrentCluster()) throw new Error(`the kubeconfig has no context "${context}"`);
  return config.makeApiClient(Api);
}

/** Bounds a request, which the client does not. */
export async function bounded<T>(request: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT} ms`)), TIMEOUT);
  return Promise.race([request, late]).finally(() => clearTimeout(timer));
}

/** The API's status code and its own words; the client's message holds every header as well. */
export function refusalOf(error: unknown): { code?: number; message: string } {
  const { code, body } = error as { code?: unknown; body?: unknown };
  if (typeof code !== "number") return { message: reason(error) };
  const [quoted] = /(?<="message":)"(?:[^"\\]|\\.)*"/.exec(String(body)) ?? [];
  return { code, message: quoted ? `${code}: ${JSON.parse(quoted)}` : String(code) };
}
