/** `npm run bench`: the figures that the project promises, from one run on this machine. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureCommands } from "./commands.ts";
import { measureEndpoint } from "./endpoint.ts";
import { measureGrowth } from "./growth.ts";
import { growthReport } from "./growthReport.ts";
import { type Row, table } from "./measure.ts";
import { measureRenewal } from "./renewal.ts";
import { type Report, writeReport } from "./report.ts";
import { measureEnvironments, measurePreview } from "./stacks.ts";

const projectDir = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: "string", default: "1,10" },
    write: { type: "boolean", default: false },
  },
});

const rows = (measure: (projectDir: string) => Promise<Row[]>) => async (): Promise<Report> => {
  const data = await measure(projectDir);
  return { text: table(data), data };
};

const MEASURES: Record<string, () => Promise<Report>> = {
  endpoint: rows(measureEndpoint),
  renewal: rows(measureRenewal),
  environments: rows(measureEnvironments),
  preview: rows(measurePreview),
  growth: async () => growthReport(await measureGrowth(projectDir, sizesOf(values.sizes))),
  commands: rows(measureCommands),
};

const chosen = positionals.length > 0 ? positionals : Object.keys(MEASURES);
for (const name of chosen)
  if (!MEASURES[name])
    throw new Error(`no measure ${name}; there are ${Object.keys(MEASURES).join(", ")}`);
for (const name of chosen) {
  const report = await MEASURES[name]?.();
  if (!report) continue;
  process.stdout.write(`\n${name}\n${report.text}\n`);
  if (!values.write) continue;
  const files = writeReport(path.join(projectDir, "docs/bench"), name, report);
  process.stdout.write(
    `written: ${files.map((file) => path.relative(projectDir, file)).join(", ")}\n`,
  );
}

function sizesOf(text: string): number[] {
  const sizes = text.split(",").map(Number);
  if (sizes.every((size) => Number.isInteger(size) && size > 0)) return sizes;
  throw new Error(`--sizes must be numbers of endpoints such as 1,10,50; got "${text}"`);
}
