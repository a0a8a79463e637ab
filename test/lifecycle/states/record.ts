// `node test/lifecycle/states/record.ts RELEASE`: keeps the state that this release writes, before it gets its tag.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startWorld } from "../../../sandbox/world/startWorld.ts";
import { agedRunner, PROFILES } from "./fixture.ts";

const [release] = process.argv.slice(2);
if (!release) throw new Error("name the release: node test/lifecycle/states/record.ts 0.1.0");
const folder = mkdtempSync(path.join(tmpdir(), "private-lb-record-"));
const world = await startWorld({ folder, profiles: PROFILES });
try {
  const runner = agedRunner(world, folder, release);
  const { errors } = await runner.up();
  if (errors.length > 0) throw new Error(errors.join("; "));
  const into = path.join(import.meta.dirname, release);
  mkdirSync(into, { recursive: true });
  const text = JSON.stringify(await runner.exportState(), null, 2);
  writeFileSync(path.join(into, "state.json"), `${text}\n`);
} finally {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
}
