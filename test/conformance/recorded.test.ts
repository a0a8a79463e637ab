import fs from "node:fs";
import path from "node:path";
import { describe, test } from "vitest";
import { createLocalRunner } from "../../sandbox/engine/localRunner.ts";
import { assertSame } from "./compare.ts";
import { play } from "./play.ts";
import type { Recording } from "./scenario.ts";

const read = (name: string) =>
  JSON.parse(fs.readFileSync(new URL(name, import.meta.url), "utf8")) as Recording;

for (const file of ["recorded.json"]) {
  const { engine, recorded, scenarios } = read(file);
  describe.concurrent(`the local engine does what ${engine} did on ${recorded}`, () => {
    test.each(Object.entries(scenarios))("%s", async (_name, steps) => {
      const seen = await play(
        ({ projectDir, directory }) =>
          createLocalRunner({
            projectDir,
            stack: "t",
            stateFile: path.join(directory, "t.json"),
            passphrase: "conformance",
          }),
        steps,
      );
      assertSame(seen, steps, steps);
    });
  });
}
