/**
 * Pulumi keeps the text of a dynamic provider in the state, twice for every resource, and runs that text in a refresh or
 * a destroy. This shim is all that is kept: it imports the provider module of the project folder, so that the code on
 * disk is what runs, on old states too, and a change of that code makes no diff.
 *
 * The module's path and the signatures of its functions are therefore a contract with every state written.
 */

/** Provider modules, relative to the project folder, which is the working directory of the provider process. */
export type ProviderModule =
  | "certificate/accountProvider.ts"
  | "certificate/provider.ts"
  | "certificate/revocationProvider.ts"
  | "frontend/provider.ts"
  | "preflight/provider.ts";

/**
 * The text of a provider whose methods run the functions `check`, `diff`, `create`, `read`, `update` and `remove` that
 * `module` exports (Pulumi's dynamic signatures; `remove` stands for `delete`, a reserved word). Pulumi's provider process
 * runs it as a CommonJS module, and calls its `handler`. A file URL, because a folder name may hold `#`, `%` or spaces.
 *
 * Written by hand: what `dynamic.Resource` makes of functions is seven times as long, and takes the TypeScript compiler and
 * half a second to make, in every run.
 */
export function shim(module: ProviderModule): string {
  return `exports.handler = () => {
  const at = require("url").pathToFileURL(process.cwd() + "/${module}").href;
  const run = (name) => async (...args) => (await import(at))[name](...args);
  const names = ["check", "diff", "create", "read", "update"].map((name) => [name, run(name)]);
  return { ...Object.fromEntries(names), delete: run("remove") };
};
`;
}
