import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { showStep, showSummary } from "../../../operate/show.ts";
import { type FinishedStep, isBookkeeping } from "../../../operate/stackRunner.ts";
import { step } from "./steps.ts";

const shown = (finished: FinishedStep, isDone = true) =>
  showStep(finished, isDone).map(stripVTControlCharacters);

describe("a step that is shown", () => {
  test.each([
    ["a long one", 2345, true, "+  kubernetes:Service a.example.com  2.3 s"],
    ["one that took no time", 49, true, "+  kubernetes:Service a.example.com"],
    ["one of a preview", 2345, false, "+  kubernetes:Service a.example.com"],
  ])("tells how long it took: %s", (_, duration, isDone, line) => {
    const created = { ...step("create", "service"), duration };
    expect(shown(created, isDone)).toEqual([line]);
  });

  test("tells each change, and of a value what is not bookkeeping", () => {
    const update = step("update", "balancer");
    update.changes = [
      { path: "tags", old: undefined, new: ["a"] },
      { path: "spec", old: { a: 1, __defaults: [] }, new: { a: [{ b: 2, __defaults: [] }] } },
    ];
    expect(shown(update).slice(1)).toEqual([
      '     + tags: ["a"]',
      '     ~ spec: {"a":1} => {"a":[{"b":2}]}',
    ]);
  });
});

test("a summary counts what failed, of what is the program's", () => {
  const steps = [
    { ...step("update", "balancer"), ok: false },
    { ...step("create", "service"), ok: false, internal: true },
  ];
  const result = { ok: false, summary: { same: 7 }, steps, diagnostics: [], errors: [] };
  expect(showSummary({ ...result, outputs: {} }, 1234)).toBe("7 unchanged, 1 failed in 1.2 s");
  const refused = { ...result, summary: {}, steps: [], outputs: {} };
  expect(showSummary(refused, 1234)).toBe("nothing was done in 1.2 s");
});

test.each([
  ["__defaults", true],
  ["customCertificate.__defaults", true],
  ["rules[0].__defaults[1]", true],
  ["snake__case", false],
  ["spec.ports[0].port", false],
])("%s is bookkeeping: %s", (path, expected) => {
  expect(isBookkeeping(path)).toBe(expected);
});
