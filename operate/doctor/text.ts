/** A report as lines for a terminal. */
import { styleText } from "node:util";
import type { Level } from "./check.ts";
import type { DoctorReport } from "./doctor.ts";

const COLOURS = { ok: "green", warning: "yellow", failed: "red" } as const;
const INDENT = " ".repeat("warning  ".length);

export function doctorText({ stack, checks }: DoctorReport): string {
  const lines = checks.flatMap(({ title, findings }) =>
    findings.flatMap(({ level, seen, advice }) => [
      `${mark(level)}  ${title}: ${seen}`,
      ...(advice ? advice.split("\n").map((line) => `${INDENT}${line}`) : []),
    ]),
  );
  const count = (level: Level) => checks.filter((check) => check.level === level).length;
  const counts = `${count("ok")} ok, ${count("warning")} warning, ${count("failed")} failed`;
  return [...lines, "", `${stack}: ${counts}`].join("\n");
}

function mark(level: Level): string {
  return styleText(COLOURS[level], level.padEnd("warning".length));
}
