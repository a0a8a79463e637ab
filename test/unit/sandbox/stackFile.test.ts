import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { requireStackFile } from "../../../sandbox/commands/operate.ts";

const folder = mkdtempSync(path.join(tmpdir(), "stacks-"));
for (const file of ["Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml"])
  writeFileSync(path.join(folder, file), "");
afterAll(() => rmSync(folder, { recursive: true }));

test("a mistyped stack is refused with the names of those that there are", () => {
  expect(() => requireStackFile(folder, "stagin")).toThrow(
    "There is no stack stagin, as there is no file Pulumi.stagin.yaml. The stacks are prod, staging.",
  );
});

test("a stack with a file is accepted", () => {
  expect(() => requireStackFile(folder, "staging")).not.toThrow();
});
