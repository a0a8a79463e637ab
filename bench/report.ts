/** What a measurement shows, and where it is kept: as text for people, as JSON for programs, as a chart. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import path from "node:path";

export interface Report {
  /** Markdown, which a terminal shows as well. */
  text: string;
  data: unknown;
  /** SVG. */
  chart?: string;
}

/** The figures are those of one machine at one time. */
function machine() {
  return {
    at: new Date().toISOString(),
    cores: availableParallelism(),
    /** Processes that ran or wanted to, on average over the last minute, at the end of the measurement. */
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    node: process.version,
    system: `${process.platform} ${process.arch}`,
  };
}

/** Writes `<name>.md`, `.json` and `.svg`. @returns the files */
export function writeReport(folder: string, name: string, report: Report): string[] {
  mkdirSync(folder, { recursive: true });
  const { at, cores, load, node, system } = machine();
  const image = report.chart === undefined ? [] : [`![${name}](${name}.svg)`, ""];
  const head = [
    `# ${name}`,
    "",
    `Measured at ${at} by \`npm run bench -- ${name}\` on ${cores} cores (${system}, Node ${node}, load ${load}).`,
    "",
  ];
  const contents: Record<string, string> = {
    md: [...head, ...image, report.text, ""].join("\n"),
    json: `${JSON.stringify({ machine: machine(), figures: report.data }, null, 2)}\n`,
    ...(report.chart !== undefined && { svg: report.chart }),
  };
  return Object.entries(contents).map(([ending, content]) => {
    const file = path.join(folder, `${name}.${ending}`);
    writeFileSync(file, content);
    return file;
  });
}

/** A table whose columns line up; the first is of words, the others are of numbers. */
export function markdownTable(head: string[], rows: string[][]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, 4, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, i) =>
    i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
