/** The unmodified program, run as Pulumi's language host runs it: `@pulumi/pulumi/cmd/run`. */
import { createRequire } from "node:module";
import path from "node:path";
import { type NodeProcess, startNode } from "./child.ts";
import { heapOf } from "./heap.ts";
import type { Project, StackConfig } from "./project.ts";

/** The exit code by which the SDK says that it has logged the error already. */
const ERROR_WAS_LOGGED = 32;

export interface ProgramOptions {
  project: Project;
  stack: string;
  config: StackConfig;
  /** Address of the ResourceMonitor and Engine services. */
  address: string;
  dryRun: boolean;
  parallel: number;
  env: Record<string, string | undefined>;
  onLine: (line: string, stream: "stdout" | "stderr") => void;
}

/** A module of the SDK that the project itself uses. @throws Error when the project has none */
export function resolveSdk(project: Project, module: string): string {
  const from = createRequire(path.join(project.directory, "package.json"));
  try {
    return from.resolve(`@pulumi/pulumi/${module}`);
  } catch {
    throw new Error(`@pulumi/pulumi is not installed for ${project.directory}: run npm install`);
  }
}

/**
 * The environment of the program and of the dynamic provider, by which the SDK knows where it is. Both load the same
 * megabytes of modules at every run, which the compile cache halves the time of.
 */
export function sdkEnvironment(
  env: Record<string, string | undefined>,
  project: Project,
  stack: string,
  config: StackConfig,
) {
  const modules = path.resolve(resolveSdk(project, "package.json"), "../../..");
  return {
    NODE_COMPILE_CACHE: path.join(modules, ".cache", "node-compile-cache"),
    ...env,
    PULUMI_CONFIG: JSON.stringify(config.values),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(config.secretKeys),
    PULUMI_NODEJS_PROJECT: project.name,
    PULUMI_NODEJS_STACK: stack,
    PULUMI_NODEJS_ORGANIZATION: "organization",
    PULUMI_NODEJS_TYPESCRIPT: String(project.typescript),
  };
}

export function startProgram(options: ProgramOptions): NodeProcess {
  const { project, stack, address } = options;
  const flags = {
    project: project.name,
    stack,
    organization: "organization",
    monitor: address,
    engine: address,
    parallel: String(options.parallel),
    "root-directory": project.root,
    pwd: project.directory,
  };
  return startNode({
    arguments: [
      ...project.nodeArguments,
      resolveSdk(project, "cmd/run"),
      ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]),
      ...(options.dryRun ? ["--dry-run"] : []),
      project.entry,
    ],
    cwd: project.directory,
    env: sdkEnvironment(options.env, project, stack, options.config),
    heap: heapOf("program", options.config),
    onLine: options.onLine,
  });
}

/** @returns what went wrong; an empty text when the SDK has said it already; undefined when nothing did */
export async function programFailure(program: NodeProcess): Promise<string | undefined> {
  const { code, signal } = await program.exited;
  if (code === 0) return undefined;
  if (code === ERROR_WAS_LOGGED) return "";
  return signal ? `the program was ended by ${signal}` : `the program exited with code ${code}`;
}
