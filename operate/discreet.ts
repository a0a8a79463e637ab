/** No credential of a run is in what it says: a vendor, or a proxy before it, may answer with what it was asked. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Environment } from "../dynamic/environment.ts";
import type { RunEvent, RunOptions, RunResult, StackRunner } from "./stackRunner.ts";

const VARIABLES = [
  "SCW_SECRET_KEY",
  "CLOUDFLARE_API_TOKEN",
  "PULUMI_CONFIG_PASSPHRASE",
  "PULUMI_ACCESS_TOKEN",
];
/** Of a kubeconfig's user: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo */
const KUBECONFIG = /\b(?:token|password|client-key-data)["']?:\s*["']?([^\s"',}]+)/g;

/** Shorter ones would blank ordinary text and protect nothing. */
const SHORTEST = 8;

/** A runner whose events, results and errors have `[NAME]` in the place of the credentials of `env`. */
export function discreet(runner: StackRunner, env: Environment): StackRunner {
  const run = (verb: "preview" | "up" | "refresh" | "destroy") => async (options?: RunOptions) => {
    const hide = hiding({ ...env, ...options?.env });
    const { onEvent } = options ?? {};
    try {
      return hidden<RunResult>(
        await runner[verb]({
          ...options,
          ...(onEvent && { onEvent: (event) => onEvent(hidden<RunEvent>(event, hide)) }),
        }),
        hide,
      );
    } catch (error) {
      if (error instanceof Error) error.message = hide(error.message);
      throw error;
    }
  };
  return {
    ...runner,
    preview: run("preview"),
    up: run("up"),
    refresh: run("refresh"),
    destroy: run("destroy"),
  };
}

/** Hides the credentials of such an environment, read once. */
export function hiding(env: Environment): (text: string) => string {
  const known = credentials(env).filter(([, value]) => value.length >= SHORTEST);
  const spellings = known.flatMap(([name, value]) => {
    const escaped = JSON.stringify(value).slice(1, -1);
    return [...new Set([JSON.stringify(escaped).slice(1, -1), escaped, value])].map(
      (spelling) => [name, spelling] as const,
    );
  });
  // The longest first, so that one within another does not save the rest of it.
  const sorted = spellings.toSorted(([, a], [, b]) => b.length - a.length);
  return (text) =>
    sorted.reduce((rest, [name, spelling]) => rest.replaceAll(spelling, `[${name}]`), text);
}

/** Only copied where there is something to hide: `outputs` of a run may be large. */
function hidden<T>(value: T, hide: (text: string) => string): T {
  const text = JSON.stringify(value);
  const clean = hide(text);
  return clean === text ? value : JSON.parse(clean);
}

function credentials(env: Environment): [name: string, value: string][] {
  const variables = VARIABLES.map((name): [string, string] => [name, env[name] ?? ""]);
  const files = (env["KUBECONFIG"] ?? "").split(path.delimiter).filter(Boolean);
  const users = files.flatMap((file) =>
    [...textOf(file).matchAll(KUBECONFIG)].map(([, value = ""]): [string, string] => [
      "KUBECONFIG",
      value,
    ]),
  );
  return [...variables, ...users];
}

/** A kubeconfig that cannot be read has no credential to hide; what needs it says so. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
