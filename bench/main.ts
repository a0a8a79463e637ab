/** `npm run bench`: the figures that the project promises, from one run on this machine. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureCommands } from "./commands.ts";
import { measureEndpoint } from "./endpoint.ts";
import { type Row, table } from "./measure.ts";
import { measureRenewal } from "./renewal.ts";
import { measureEnvironments, measurePreview } from "./stacks.ts";

const MEASURES: Record<string, (projectDir: string) => Promise<Row[]>> = {
  endpoint: measureEndpoint,
  renewal: measureRenewal,
  environments: measureEnvironments,
  preview: measurePreview,
  commands: measureCommands,
};

const projectDir = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { positionals } = parseArgs({ allowPositionals: true });
const chosen = positionals.length > 0 ? positionals : Object.keys(MEASURES);
for (const name of chosen) {
  const measure = MEASURES[name];
  if (!measure)
    throw new Error(`no measure ${name}; there are ${Object.keys(MEASURES).join(", ")}`);
  process.stdout.write(`\n${name}\n${table(await measure(projectDir))}\n`);
}
