/** `npm run bench`: the figures that the project promises, from one run on this machine. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installCertbot } from "./certbotLoop.ts";
import { measureCommands } from "./commands.ts";
import { measureEndpoint } from "./endpoint.ts";
import { measureGrowth } from "./growth.ts";
import { growthReport } from "./growthReport.ts";
import { type Row, table } from "./measure.ts";
import { measurePeers } from "./peers.ts";
import { peersReport } from "./peersReport.ts";
import { profilePreview } from "./previewProfile.ts";
import { previewReport } from "./previewReport.ts";
import { measureReliability } from "./reliability.ts";
import { reliabilityReport } from "./reliabilityReport.ts";
import { measureRenewal } from "./renewal.ts";
import { type Report, writeReport } from "./report.ts";
import { measureSlow } from "./slow.ts";
import { slowReport } from "./slowReport.ts";
import { SLOW } from "./slowWorld.ts";
import { measureSpread, spreadReport } from "./spreadReport.ts";
import { measureEnvironments, measurePreview } from "./stacks.ts";

const projectDir = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { positionals, values } = commandLine();

/** Numbers of endpoints, over many stacks. */
const FLEETS = [1, 10, 100, 1000, 10_000];

/** Numbers of endpoints beside the loop, unless others are asked for: the promise is about a hundred. */
const PEERS = "1,10,100";

const rows = (measure: (projectDir: string) => Promise<Row[]>) => async (): Promise<Report> => {
  const data = await measure(projectDir);
  return { text: table(data), data };
};

const MEASURES: Record<string, () => Promise<Report>> = {
  endpoint: rows(measureEndpoint),
  renewal: rows(measureRenewal),
  environments: rows(measureEnvironments),
  preview: rows(measurePreview),
  growth: async () => growthReport(await measureGrowth(projectDir, sizes())),
  peers: async () => {
    if (values["install-peers"]) await installCertbot();
    const full = values["peers-full"];
    const chosen = sizes(PEERS);
    const loopSizes = full ? chosen : sizesOf(values.peers);
    const tell = (message: string) => void process.stdout.write(`${message}\n`);
    return peersReport(await measurePeers(projectDir, { sizes: chosen, loopSizes, tell }));
  },
  slow: async () => slowReport(await measureSlow(projectDir, sizes(), SLOW)),
  spread: async () => spreadReport(measureSpread(FLEETS)),
  profile: async () => previewReport(await profilePreview(projectDir, sizes())),
  commands: rows(measureCommands),
  reliability: async () => {
    const print = (line: string) => void process.stdout.write(`${line}\n`);
    const parts = await measureReliability(projectDir, { fuzz: Number(values.fuzz), print });
    if (parts.some(({ passed }) => !passed)) process.exitCode = 1;
    return reliabilityReport(parts);
  },
};

/** By its name only: it takes as long as all others. */
const APART = "reliability";
const measures = Object.keys(MEASURES).filter((name) => name !== APART);
const chosen = positionals.length > 0 ? positionals : measures;
const unknown = chosen.find((name) => !Object.hasOwn(MEASURES, name));
if (unknown !== undefined)
  refuse(`There is no measure ${unknown}: there are ${Object.keys(MEASURES).join(", ")}.`);
for (const name of chosen) {
  const report = await MEASURES[name]?.();
  if (!report) continue;
  process.stdout.write(`\n${name}\n${report.text}\n`);
  if (!values.write) continue;
  const folder = name === APART ? "docs" : "docs/bench";
  const files = writeReport(path.join(projectDir, folder), name, report);
  process.stdout.write(
    `written: ${files.map((file) => path.relative(projectDir, file)).join(", ")}\n`,
  );
}

function commandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        /** Numbers of endpoints, of `growth`, `peers` and `slow`. */
        sizes: { type: "string" },
        /** Those that the loop around certbot takes: a quarter of a minute for each endpoint. */
        peers: { type: "string", default: "1,10" },
        /** The loop takes all sizes, 100 endpoints among them: about 25 minutes. */
        "peers-full": { type: "boolean", default: false },
        "install-peers": { type: "boolean", default: false },
        /** s for each property over hostile input, of `reliability`. */
        fuzz: { type: "string", default: "2" },
        /** Into docs/bench, or docs. */
        write: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function sizes(byDefault = "1,10"): number[] {
  return sizesOf(values.sizes ?? byDefault);
}

function sizesOf(text: string): number[] {
  const sizes = text.split(",").map(Number);
  if (sizes.every((size) => Number.isInteger(size) && size > 0)) return sizes;
  return refuse(`--sizes and --peers must be numbers of endpoints such as 1,10,50; got "${text}".`);
}

/** What was typed is wrong, and not the program: a sentence, and no stack trace. */
function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
