import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { createPulumiRunner } from "../../operate/pulumiRunner.ts";
import { assertSame } from "./compare.ts";
import { play, type RunnerContext } from "./play.ts";
import { given } from "./recordings.ts";

function pulumiVersion(): string | undefined {
  try {
    return execFileSync("pulumi", ["version"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

const version = pulumiVersion();
if (!version)
  console.log("skipped: the scenarios on Pulumi's own engine, as there is no pulumi on PATH");

/** The command writes the stack's file beside the program: a copy for each scenario. */
function createRunner({ projectDir, directory }: RunnerContext) {
  const program = path.join(directory, "program");
  fs.cpSync(projectDir, program, { recursive: true });
  const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
  fs.symlinkSync(modules, path.join(program, "node_modules"));
  fs.mkdirSync(path.join(directory, "backend"));
  return createPulumiRunner({
    projectDir: program,
    stack: "t",
    env: {
      PULUMI_BACKEND_URL: `file://${path.join(directory, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "conformance",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  });
}

describe.skipIf(!version)(`Pulumi ${version} does what was recorded`, () => {
  test.each(Object.entries(given.scenarios))(
    "%s",
    async (_name, steps) => {
      assertSame(await play(createRunner, steps), steps, steps);
    },
    600_000,
  );
});
