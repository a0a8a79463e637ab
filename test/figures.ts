/** What tests count for `npm run bench -- reliability`, which names the file in `FIGURES`: a line of JSON for each count. */
import { appendFileSync } from "node:fs";

export type Figures = Record<string, number>;

export function addFigures(figures: Figures): void {
  const file = process.env["FIGURES"];
  if (file) appendFileSync(file, `${JSON.stringify(figures)}\n`);
}
