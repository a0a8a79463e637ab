import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readEnvFile, removeEnvFile, writeEnvFile } from "../../../sandbox/world/envFile.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "env-file-"));
  file = path.join(folder, "env");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the env file of a running sandbox", () => {
  test.each([
    ["a plain value", "http://127.0.0.1:4000/v4"],
    ["a space", "two words"],
    ["quotes", `it's "so"`],
    ["an empty value", ""],
  ])("gives %s back as it was", (_what, value) => {
    writeEnvFile(file, { VALUE: value });
    expect(readEnvFile(file)).toMatchObject({ VALUE: value });
  });

  test("may be read by its owner only, whatever was there before", () => {
    writeFileSync(file, "", { mode: 0o644 });
    writeEnvFile(file, { TOKEN: "x" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("says nothing when it is not there", () => {
    writeEnvFile(file, {});
    removeEnvFile(file);
    expect(readEnvFile(file)).toBeUndefined();
  });
});
