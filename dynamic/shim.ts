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
 * The text of a provider whose methods are the functions `check`, `diff`, `create`, `read`, `update` and `delete` that
 * `module` exports (Pulumi's dynamic signatures). Pulumi's provider process runs it as a CommonJS module, and calls its
 * `handler`; `require` takes ES modules without top-level `await`, and any folder name.
 *
 * Written by hand: what `dynamic.Resource` makes of functions is thirty times as long, and takes the TypeScript compiler and
 * half a second to make, in every run. States of before hold such texts, which call `remove` for `delete`.
 */
export function shim(module: ProviderModule): string {
  return `exports.handler = () => require(process.cwd() + "/${module}");`;
}
