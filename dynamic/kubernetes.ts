import path from "node:path";
import type { CoreV1Api, KubeConfig, Middleware, RequestContext } from "@kubernetes/client-node";
import type { Environment } from "./environment.ts";
import { reason } from "./failure.ts";

/** One request, ms. */
const TIMEOUT = 15_000;

/**
 * The run's kubeconfig, in that context: KUBECONFIG, or the user's own. The client is loaded when it is asked for: it is
 * large, and a preview needs none of it.
 *
 * @throws Error when the kubeconfig cannot be read, or has no such context
 */
export async function kubernetesConfig(
  context: string,
  env: Environment = process.env,
): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  const [first, ...others] = (env["KUBECONFIG"] ?? "").split(path.delimiter).filter(Boolean);
  if (first === undefined) config.loadFromDefault();
  else config.loadFromFile(first);
  for (const file of others) {
    const other = new KubeConfig();
    other.loadFromFile(file);
    config.mergeConfig(other, true);
  }
  config.setCurrentContext(context);
  if (!config.getCurrentCluster()) {
    const names = config.getContexts().map(({ name }) => name);
    throw new Error(
      `the kubeconfig has no context "${context}"; it has ${names.join(", ") || "none"}`,
    );
  }
  return config;
}

/** The official client for that context; connections are kept. @throws Error as {@link kubernetesConfig} */
export async function kubernetesApi(context: string, env?: Environment): Promise<CoreV1Api> {
  const {
    createConfiguration,
    CoreV1Api: Api,
    ServerConfiguration,
  } = await import("@kubernetes/client-node");
  const config = await kubernetesConfig(context, env);
  return new Api(
    createConfiguration({
      baseServer: new ServerConfiguration(config.getCurrentCluster()?.server ?? "", {}),
      authMethods: { default: config },
      promiseMiddleware: [keptConnections(config)],
    }),
  );
}

type Dispatcher = ReturnType<RequestContext["getDispatcher"]>;

/** By cluster and credentials. */
const dispatchers = new Map<string, Dispatcher>();

/** The client makes connections of its own for each request; here all take those of the first. */
function keptConnections(config: KubeConfig): Middleware {
  const key = JSON.stringify([config.getCurrentCluster(), config.getCurrentUser()]);
  return {
    pre: async (request) => {
      const kept = dispatchers.get(key) ?? request.getDispatcher();
      dispatchers.set(key, kept);
      if (kept) request.setDispatcher(kept);
      request.setHeaderParam("User-Agent", "private-lb");
      return request;
    },
    post: async (response) => response,
  };
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
