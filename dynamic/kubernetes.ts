import path from "node:path";
import type { ApiType, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { printable } from "./answer.ts";
import type { Environment } from "./environment.ts";
import { reason } from "./failure.ts";
import type { ApiConstructor } from "./kubernetesHttp.ts";

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
  const { makeApiClient } = await import("./kubernetesHttp.ts");
  class BoundedConfig extends KubeConfig {
    override makeApiClient<Api extends ApiType>(type: ApiConstructor<Api>): Api {
      return makeApiClient(this, type);
    }
  }
  const config = new BoundedConfig();
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

/** The official client for that context. @throws Error as {@link kubernetesConfig} */
export async function kubernetesApi(context: string, env?: Environment): Promise<CoreV1Api> {
  const { CoreV1Api: Api } = await import("@kubernetes/client-node");
  return (await kubernetesConfig(context, env)).makeApiClient(Api);
}

/** The API's status code and its own words; the client's message holds every header as well. */
export function refusalOf(error: unknown): { code?: number; message: string } {
  const { code, body } = error as { code?: unknown; body?: unknown };
  if (typeof code !== "number") return { message: reason(error) };
  const [quoted] = /(?<="message":\s*)"(?:[^"\\]|\\.)*"/.exec(String(body)) ?? [];
  return { code, message: quoted ? `${code}: ${unquoted(quoted)}` : String(code) };
}

function unquoted(quoted: string): string {
  try {
    return printable(JSON.parse(quoted));
  } catch {
    return printable(quoted);
  }
}
