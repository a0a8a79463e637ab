/** `npm run bench -- reliability`, of one fault and one kind of input. */
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { measureReliability, type Part } from "../../bench/reliability.ts";
import { reliabilityReport } from "../../bench/reliabilityReport.ts";

const projectDir = path.resolve(import.meta.dirname, "../..");

describe("the figures of reliability", () => {
  let parts: Part[];
  const said: string[] = [];
  beforeAll(async () => {
    parts = await measureReliability(projectDir, {
      ...{ parts: ["faults", "input"], rows: "orderNotReady", fuzz: 0.1 },
      inputs: "test/unit/hostile/configuration.test.ts",
      print: (line) => void said.push(line),
    });
  });

  test("are those of what was run, which says how far it is", () => {
    expect(parts.map(({ name, passed }) => [name, passed])).toEqual([
      ["faults", true],
      ["input", true],
    ]);
    expect(parts[0]?.figures).toMatchObject({ failed: 0, leftovers: 0 });
    expect(parts[0]?.figures["faults injected"]).toBeGreaterThan(0);
    // However slow the machine, each of the file's properties tries one.
    expect(parts[1]?.figures["bad inputs tried"]).toBeGreaterThanOrEqual(2);
    expect(said[0]).toMatch(/^faults: npm run sandbox -- faults --only /);
    expect(said.at(-1)).toMatch(/^input: as expected, \d+ s$/);
  });

  test("are shown beside their goals", () => {
    const { text } = reliabilityReport(parts);
    for (const what of ["certificates issued beyond need", "leftovers", "handshakes failed"])
      expect(text).toMatch(new RegExp(`\\| ${what} +\\| +0 \\| +0 \\|`));
    expect(text).toMatch(/\| faults injected +\| +[1-9]\d* \| +\|/);
  });
});
