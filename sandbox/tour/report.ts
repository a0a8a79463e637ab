/** What the tour prints: numbered steps, and under each what was looked at and whether it held. */
import { styleText } from "node:util";

export interface Check {
  step: string;
  what: string;
  passed: boolean;
  /** What was seen. */
  seen: string;
}

export interface Report {
  /** Runs one step; what it throws is a failed check, and the tour goes on to its clean-up. */
  step(title: string, run: () => Promise<void>): Promise<boolean>;
  /** A line of explanation. */
  say(text: string): void;
  /** Records whether something held, with what was seen. */
  check(what: string, passed: boolean, seen?: string): void;
  readonly checks: readonly Check[];
}

export type Print = (line: string) => void;

export function createReport(print: Print): Report {
  const checks: Check[] = [];
  let number = 0;
  let current = "";
  const check: Report["check"] = (what, passed, seen = "") => {
    checks.push({ step: current, what, passed, seen });
    const mark = passed ? styleText("green", "ok    ") : styleText("red", "FAILED");
    print(`  ${mark} ${what}${seen ? styleText("dim", `  ${seen}`) : ""}`);
  };
  return {
    checks,
    check,
    say: (text) => print(`  ${text}`),
    async step(title, run) {
      current = title;
      const before = checks.length;
      const started = performance.now();
      print(`\n${styleText("bold", `${++number}. ${title}`)}`);
      try {
        await run();
      } catch (error) {
        check("completes", false, error instanceof Error ? error.message : String(error));
      }
      print(styleText("dim", `  ${((performance.now() - started) / 1000).toFixed(1)} s`));
      return checks.slice(before).every(({ passed }) => passed);
    },
  };
}
