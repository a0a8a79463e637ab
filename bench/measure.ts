/** What a measurement gives, and how it is printed. */

export interface Row {
  what: string;
  value: number;
  unit: "s" | "MB" | "requests" | "handshakes";
  /** What the project promises: at most this. */
  goal?: number;
  /** How the value came about. */
  note?: string;
}

export async function seconds(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function table(rows: Row[]): string {
  const cells = rows.map(({ what, value, unit, goal, note }) => [
    what,
    `${value.toFixed(unit === "s" ? 2 : 0)} ${unit}`,
    goal === undefined ? "" : `at most ${goal} ${unit}`,
    goal === undefined ? "" : value <= goal ? "met" : "MISSED",
    note ?? "",
  ]);
  const head = ["measure", "value", "goal", "", ""];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...cells]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
