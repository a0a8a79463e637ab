/**
 * Pulumi keeps the text of a dynamic provider in the state, and runs that text in a refresh or a destroy.
 * This shim is all that is kept: it imports the provider module of the project folder, so that the code on
 * disk is what runs, on old states too, and a change of that code makes no diff.
 *
 * The module's path and the signatures of its functions are therefore a contract with every state written.
 */
import type { dynamic } from "@pulumi/pulumi";

/** Provider modules, relative to the project folder, which is the working directory of the provider process. */
export type ProviderModule =
  | "certificate/accountProvider.ts"
  | "certificate/provider.ts"
  | "certificate/revocationProvider.ts"
  | "frontend/provider.ts"
  | "preflight/provider.ts";

/**
 * The provider whose methods run the functions `check`, `diff`, `create`, `read`, `update` and `remove` that
 * `module` exports (Pulumi's dynamic signatures; `remove` stands for `delete`, a reserved word).
 */
export function shim(module: ProviderModule): dynamic.ResourceProvider {
  // Nothing may be captured but the path: what is captured is copied into the state. A file URL, because a
  // folder name may hold `#`, `%` or spaces.
  const load = async () => {
    const { pathToFileURL } = await import("node:url");
    return import(pathToFileURL(`${process.cwd()}/${module}`).href);
  };
  return {
    check: async (olds, news) => (await load()).check(olds, news),
    diff: async (id, olds, news) => (await load()).diff(id, olds, news),
    create: async (inputs) => (await load()).create(inputs),
    read: async (id, props) => (await load()).read(id, props),
    update: async (id, olds, news) => (await load()).update(id, olds, news),
    delete: async (id, props) => (await load()).remove(id, props),
  };
}
