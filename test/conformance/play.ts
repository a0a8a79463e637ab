/** Plays a scenario on a runner and notes what was seen, as the recordings have it. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { RunOptions, StackRunner } from "../../operate/stackRunner.ts";
import type { Seen, SeenResource, StepSpec } from "./scenario.ts";

export const programDirectory = fileURLToPath(new URL("program", import.meta.url));
const SIGNATURE = "4dabf18193072939515e22adb298388d";

export interface RunnerContext {
  projectDir: string;
  directory: string;
  env: Record<string, string>;
}

type Json = Record<string, unknown>;

/** Without the provider's code, and with secrets as `{ secret: … }`. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const map = value as Json;
  if (map[SIGNATURE]) return { secret: plain(JSON.parse((map["plaintext"] as string) ?? "null")) };
  return Object.fromEntries(
    Object.entries(map)
      .filter(([key]) => key !== "__provider")
      .map(([key, item]) => [key, plain(item)]),
  );
}

const nameOf = (urn: unknown) => String(urn).split("::").at(-1) as string;

function seenResource(json: Json): SeenResource {
  const kept = ["delete", "protect", "retainOnDelete", "initErrors", "pendingReplacement"];
  return {
    name: nameOf(json["urn"]),
    id: json["id"] as string,
    ...Object.fromEntries(kept.filter((key) => json[key]).map((key) => [key, json[key]])),
    ...(json["dependencies"]
      ? { dependencies: (json["dependencies"] as string[]).map(nameOf) }
      : {}),
    ...(json["deletedWith"] ? { deletedWith: nameOf(json["deletedWith"]) } : {}),
    inputs: plain(json["inputs"]),
    outputs: plain(json["outputs"]),
  } as SeenResource;
}

function optionsOf(args: string[] = []): RunOptions {
  const options: RunOptions = { parallel: 1 };
  for (const argument of args) {
    if (argument === "--continue-on-error") options.continueOnError = true;
    else if (argument === "--refresh" || argument === "--refresh=true") options.refresh = true;
    else if (argument === "--preview-only") options.dryRun = true;
    else throw new Error(`the scenario has an argument that no runner knows: ${argument}`);
  }
  return options;
}

async function playStep(
  runner: StackRunner,
  step: StepSpec,
  env: Record<string, string>,
): Promise<Seen> {
  fs.writeFileSync(env["LOG"] as string, "");
  const result = await runner[step.run]({ ...optionsOf(step.args), env });
  const { deployment } = (await runner.exportState({ showSecrets: true })) as { deployment: Json };
  const resources = (deployment["resources"] as Json[] | undefined) ?? [];
  const pending = (deployment["pending_operations"] as Json[] | undefined) ?? [];
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const outputs = (plain(stack?.["outputs"]) as Json | undefined)?.["outputs"] as Json | undefined;
  const lines = fs.readFileSync(env["LOG"] as string, "utf8").split("\n");
  return {
    ok: result.ok,
    ...(result.errors.length > 0 && { errors: result.errors }),
    ops: result.steps
      .filter(({ type }) => !type.startsWith("pulumi:"))
      .map(({ op, name }) => `${op} ${name}`),
    summary: result.summary,
    calls: lines.filter(Boolean).map((line) => JSON.parse(line)),
    state: resources.filter(({ type }) => !String(type).startsWith("pulumi:")).map(seenResource),
    ...(outputs && Object.keys(outputs).length > 0 && { stackOutputs: outputs }),
    ...(pending.length > 0 && {
      pendingOperations: pending.map(
        ({ type, resource }) => `${type} ${nameOf((resource as Json)["urn"])}`,
      ),
    }),
  };
}

/** @returns what was seen after each step */
export async function play(
  createRunner: (context: RunnerContext) => Promise<StackRunner> | StackRunner,
  steps: StepSpec[],
): Promise<Seen[]> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "private-lb-conformance-"));
  const env: Record<string, string> = {
    CONTROL: path.join(directory, "control.json"),
    LOG: path.join(directory, "log.jsonl"),
  };
  try {
    const runner = await createRunner({ projectDir: programDirectory, directory, env });
    const seen: Seen[] = [];
    let [resources, control] = [steps[0]?.resources, steps[0]?.control];
    for (const step of steps) {
      resources = step.resources ?? resources;
      control = step.control ?? control;
      fs.writeFileSync(env["CONTROL"] as string, JSON.stringify(control ?? {}));
      env["SPEC"] = JSON.stringify({
        resources,
        exports: step.exports,
        throw: step.throw,
        throwFirst: step.throwFirst,
      });
      seen.push(await playStep(runner, step, { ...env }));
    }
    // As JSON, like the recordings: without what is undefined.
    return JSON.parse(JSON.stringify(seen)) as Seen[];
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}
