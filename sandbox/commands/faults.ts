/** `faults`: the fault table against one started world, and its totals. */
import { startGround } from "../faults/ground.ts";
import type { Outcome, Row } from "../faults/row.ts";
import { runRows } from "../faults/run.ts";
import { table } from "../faults/table.ts";

export interface FaultFlags {
  only?: string;
  json?: boolean;
}

/** Whether every row's expectations hold. */
export async function runFaults({ only = "", json = false }: FaultFlags): Promise<boolean> {
  const wanted = new RegExp(only, "i");
  const rows = table.filter((row) => wanted.test(titleOf(row)));
  if (rows.length === 0) throw new Error(`--only ${only}: no row of the fault table has that`);
  const started = performance.now();
  const ground = await startGround();
  const outcomes: Outcome[] = [];
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    const running = runRows(rows, ground);
    for (const row of rows) {
      const outcome = (await running.get(row)) as Outcome;
      outcomes.push(outcome);
      if (!json) for (const line of linesOf(outcome)) print(line);
    }
  } finally {
    await ground.close();
  }
  const cut = ground.world.log.calls.filter(({ status }) => status === CUT).length;
  const total = totals(outcomes, { cut, seconds: (performance.now() - started) / 1000 });
  if (json) print(JSON.stringify({ ...total, rows: outcomes.map(asJson) }, null, 2));
  else for (const [what, count] of Object.entries(total)) print(`${what.padEnd(26)} ${count}`);
  return total.failed === 0;
}

/** As the log has a request whose connection ended without an answer. */
const CUT = 0;

const titleOf = ({ about, title }: Row) => `${about}: ${title}`;

function linesOf(outcome: Outcome): string[] {
  const { row, injected, said, next, failures } = outcome;
  const { certificates, leftovers, isOldKept } = outcome;
  const told = [
    `${injected} injected`,
    `certificates ${certificates}`,
    `leftovers ${leftovers.length}`,
    ...(isOldKept === undefined ? [] : [`old certificate ${isOldKept ? "kept" : "LOST"}`]),
    ...(next === undefined ? [] : [`next run: ${short(next)}`]),
    `said: ${short(said)}`,
  ];
  const mark = failures.length > 0 ? "FAILED" : "ok    ";
  const faults = failures.map((failure) => `        expected: ${failure}`);
  return [`${mark}  ${titleOf(row)}`, `        ${told.join(", ")}`, ...faults];
}

const short = (text: string) =>
  text.length > 160 ? `${text.replaceAll(/\s+/g, " ").slice(0, 157)}…` : text;

function totals(outcomes: Outcome[], { cut, seconds }: { cut: number; seconds: number }) {
  const sum = (of: (outcome: Outcome) => number) =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  return {
    rows: outcomes.length,
    failed: sum(({ failures }) => (failures.length > 0 ? 1 : 0)),
    "faults injected": sum(({ injected }) => injected),
    "requests cut": cut,
    "certificates beyond need": sum(({ certificates, needed = 1 }) =>
      Math.max(0, certificates - needed),
    ),
    leftovers: sum(({ leftovers }) => leftovers.length),
    "old certificates lost": sum(({ isOldKept }) => (isOldKept === false ? 1 : 0)),
    seconds: Math.round(seconds),
  };
}

function asJson({ row, facts: _facts, ...seen }: Outcome) {
  return { row: titleOf(row), ...seen };
}
