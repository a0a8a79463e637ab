/**
 * What the project stands, counted: the fault table, runs that are killed, years of renewals under clients that never
 * stop, and hostile input. Each part is a command or a test that anyone can run by itself.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export type PartName = "faults" | "kills" | "soak" | "input";
export type Figures = Record<string, number>;

export interface Part {
  name: PartName;
  /** Anyone can run it by itself. */
  command: string;
  figures: Figures;
  /** Whether all that it expects is so. */
  passed: boolean;
  /** What is not so, where the part says it in data; a test says it on the terminal. */
  faults: string[];
  /** s */
  seconds: number;
}

export interface ReliabilityOptions {
  /** @default all */
  parts?: PartName[];
  /** Rows of the fault table, by a regular expression. @default all */
  rows?: string;
  renewals?: number;
  endpoints?: number;
  /** s for each property over hostile input. */
  fuzz?: number;
  /** Files of these properties. @default all */
  inputs?: string;
  print?: (line: string) => void;
}

interface Made {
  command: string;
  run: (figuresFile: string) => Promise<{ passed: boolean; figures?: Figures; faults?: string[] }>;
}

/** Of a certificate of the soak, s: enough for runs on a busy machine. */
const LIFETIME = 150;
/** ms between two lines that say that something goes on. */
const TICK = 15_000;

export async function measureReliability(
  projectDir: string,
  options: ReliabilityOptions = {},
): Promise<Part[]> {
  const { parts = ["faults", "kills", "soak", "input"], print = () => {} } = options;
  const all = partsOf(projectDir, options);
  const folder = mkdtempSync(path.join(tmpdir(), "private-lb-reliability-"));
  const measured: Part[] = [];
  try {
    for (const name of parts) {
      const { command, run } = all[name];
      print(`${name}: ${command}`);
      const started = performance.now();
      const seconds = () => Math.round((performance.now() - started) / 1000);
      const tick = setInterval(() => print(`${name}: ${seconds()} s`), TICK);
      const file = path.join(folder, name);
      const ran = await run(file).finally(() => clearInterval(tick));
      const { passed, figures = countedIn(file), faults = [] } = ran;
      measured.push({ name, command, figures, passed, faults, seconds: seconds() });
      for (const fault of faults) print(`${name}: ${fault}`);
      print(`${name}: ${passed ? "as expected" : "FAILED"}, ${seconds()} s`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return measured;
}

function partsOf(
  projectDir: string,
  {
    rows,
    renewals = 12,
    endpoints = 3,
    fuzz = 2,
    inputs = "test/unit/hostile",
  }: ReliabilityOptions,
): Record<PartName, Made> {
  const sandbox = async (...args: string[]) => {
    const { code, output } = await node(projectDir, ["sandbox/cli.ts", ...args, "--json"]);
    if (output === "") throw new Error(`${args.join(" ")} ended with ${code}, and no figures`);
    return { passed: code === 0, result: JSON.parse(output) as Record<string, unknown> };
  };
  const vitest = (args: string[], env: NodeJS.ProcessEnv) => ({
    run: async (FIGURES: string) => {
      const command = ["node_modules/vitest/vitest.mjs", "run", ...args];
      const { code } = await node(projectDir, command, { ...env, FIGURES });
      return { passed: code === 0 };
    },
  });
  const counts = ["--renewals", `${renewals}`, "--endpoints", `${endpoints}`];
  const soak = ["soak", ...counts, "--lifetime", `${LIFETIME}`];
  const kills = "test/lifecycle/kills.test.ts";
  const faults = ["faults", ...(rows === undefined ? [] : ["--only", rows])];
  return {
    faults: {
      command: `npm run sandbox -- ${faults.join(" ")}`,
      run: async () => {
        const { passed, result } = await sandbox(...faults);
        const rows = result["rows"] as { row: string; failures: string[] }[];
        const told = rows.flatMap(({ row, failures }) => failures.map((each) => `${row}: ${each}`));
        return { passed, figures: numbersOf(result), faults: told };
      },
    },
    kills: {
      command: `npm test -- ${kills}`,
      ...vitest(["--project", "lifecycle", kills], {}),
    },
    soak: {
      command: `npm run sandbox -- ${soak.join(" ")}`,
      run: async () => {
        const { passed, result } = await sandbox(...soak);
        const { renewals: renewed = 0, certificatesIssued = 0, ...more } = numbersOf(result);
        return {
          ...{ passed, faults: result["faults"] as string[] },
          figures: {
            "certificates beyond need": certificatesIssued - endpoints - renewed,
            leftovers: (result["leftovers"] as string[]).length,
            "handshakes made": more["handshakesMade"] ?? 0,
            "handshakes failed": more["handshakesFailed"] ?? 0,
          },
        };
      },
    },
    input: {
      command: `FUZZ=${fuzz} npm test -- ${inputs}`,
      ...vitest(["--project", "unit", inputs], { FUZZ: `${fuzz}` }),
    },
  };
}

const numbersOf = (result: Record<string, unknown>): Figures =>
  Object.fromEntries(
    Object.entries(result).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
  );

/** The sums of what tests have counted. */
function countedIn(file: string): Figures {
  const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  const sums: Figures = {};
  for (const line of lines)
    for (const [what, count] of Object.entries(JSON.parse(line) as Figures))
      sums[what] = (sums[what] ?? 0) + count;
  return sums;
}

/** What it says of failures goes to the standard error. */
async function node(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, args, {
    ...{ cwd, env: { ...process.env, ...env } },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, output: Buffer.concat(chunks).toString() };
}
