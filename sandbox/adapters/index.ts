/** Resource providers for the local engine: thin adapters over the vendors' official clients. */
import type { Provider } from "../engine/provider.ts";
import { cloudflareProvider } from "./cloudflare/index.ts";
import { KubernetesProvider } from "./kubernetes/provider.ts";
import { scalewayProvider } from "./scaleway/index.ts";
import { tlsProvider } from "./tls/index.ts";
import type { Patience } from "./wait.ts";

export type AdapterName = "scaleway" | "cloudflare" | "kubernetes" | "tls";

/** How long the adapters wait and retry, in place of the plugins' own times. */
export interface AdapterTimes {
  /** For a load balancer and what hangs on it. @default 15 minutes, as the plugin */
  scaleway?: Patience;
  /** ms before the first retry of a create. @default 1000, as the plugin */
  kubernetesRetry?: number;
}

/** One maker a package; each call makes a provider with connections of its own. */
export function createAdapters(
  env: NodeJS.ProcessEnv,
  { scaleway, kubernetesRetry: retry }: AdapterTimes = {},
): Record<AdapterName, () => Provider> {
  return {
    scaleway: () => scalewayProvider(env, scaleway),
    cloudflare: () => cloudflareProvider(env),
    kubernetes: () => new KubernetesProvider(env, retry === undefined ? {} : { retry }),
    tls: () => tlsProvider(),
  };
}
