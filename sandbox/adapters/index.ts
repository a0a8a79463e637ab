/** Resource providers for the local engine: thin adapters over the vendors' official clients. */
import type { Provider } from "../engine/provider.ts";
import { cloudflareProvider } from "./cloudflare/index.ts";
import { KubernetesProvider } from "./kubernetes/provider.ts";
import { scalewayProvider } from "./scaleway/index.ts";
import { tlsProvider } from "./tls/index.ts";

export type AdapterName = "scaleway" | "cloudflare" | "kubernetes" | "tls";

/** One maker a package; each call makes a provider with connections of its own. */
export function createAdapters(env: NodeJS.ProcessEnv): Record<AdapterName, () => Provider> {
  return {
    scaleway: () => scalewayProvider(env),
    cloudflare: () => cloudflareProvider(env),
    kubernetes: () => new KubernetesProvider(env),
    tls: () => tlsProvider(),
  };
}
