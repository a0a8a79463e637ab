import { existsSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { documentedCommands } from "../../documentation.ts";
import { alone, beside, checks, elsewhere, last } from "../../e2e/sandbox/documented.ts";

const tested = Object.keys({ ...beside, ...last, ...alone, ...checks, ...elsewhere });

test("every documented command has a test, and every such test a documented command", () => {
  expect(tested.toSorted()).toEqual(documentedCommands().toSorted());
});

test.each([...new Set(Object.values(elsewhere))])("%s is there", (file) => {
  expect(existsSync(path.resolve(import.meta.dirname, "../../..", file))).toBe(true);
});
