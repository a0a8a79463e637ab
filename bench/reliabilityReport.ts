/** The figures of `reliability`, with the goal of each that has one. */

import type { Part } from "./reliability.ts";
import { markdownTable, type Report } from "./report.ts";

/** In the order in which they are shown; with what each part calls it. */
const FIGURES = [
  { what: "faults injected", names: ["faults injected"] },
  { what: "requests cut", names: ["requests cut"] },
  { what: "runs killed", names: ["runs killed"] },
  { what: "bad inputs tried", names: ["bad inputs tried"] },
  { what: "handshakes made", names: ["handshakes made"] },
  { what: "certificates issued beyond need", names: ["certificates beyond need"], goal: 0 },
  { what: "leftovers", names: ["leftovers"], goal: 0 },
  { what: "handshakes failed", names: ["handshakes failed"], goal: 0 },
] as const;

export function reliabilityReport(parts: Part[]): Report {
  const figures = FIGURES.map(({ what, names, ...more }) => {
    const counted = parts.flatMap((part) => names.flatMap((name) => part.figures[name] ?? []));
    return { what, count: counted.reduce((sum, each) => sum + each, 0), ...more };
  });
  const table = markdownTable(
    ["figure", "count", "goal"],
    figures.map(({ what, count, ...more }) => [
      what,
      `${count}`,
      "goal" in more ? `${more.goal}` : "",
    ]),
  );
  const ran = markdownTable(
    ["part", "by itself", "s", "result"],
    parts.map(({ name, command, seconds, passed }) => [
      name,
      `\`${command}\``,
      `${seconds}`,
      passed ? "as expected" : "FAILED",
    ]),
  );
  return { text: [table, ran, ...notes(parts)].join("\n\n"), data: { figures, parts } };
}

function notes(parts: Part[]): string[] {
  const faults = parts.flatMap((part) => part.faults.map((fault) => `- ${part.name}: ${fault}`));
  if (!parts.some(({ name }) => name === "kills")) return faults;
  return [
    ...faults,
    "Certificates beyond need from the part kills are those of runs that are killed between the authority's issuing and the saving: the key dies with the run. The test fails where there are more than these, or anything is left.",
  ];
}
