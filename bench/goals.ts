/** What is promised of a measurement, and whether it was kept. */
import { markdownTable } from "./report.ts";

export interface Goal {
  what: string;
  value: string;
  goal: string;
  isMet: boolean;
}

export function goalTable(goals: Goal[]): string {
  const rows = goals.map(({ what, value, goal, isMet }) => [
    ...[what, value, goal],
    isMet ? "met" : "MISSED",
  ]);
  return markdownTable(["measure", "value", "goal", ""], rows);
}

export const times = (value: number): string => `${value.toFixed(1)} times`;
