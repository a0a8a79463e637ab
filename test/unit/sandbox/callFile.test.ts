import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ApiCall, CallLog } from "../../../sandbox/clouds/api.ts";
import { writeCalls } from "../../../sandbox/world/callFile.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "calls-"));
  file = path.join(folder, ".sandbox", "requests.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

const call = (at: string): ApiCall => ({
  api: "scaleway",
  method: "GET",
  path: "/",
  status: 200,
  duration: 1,
  at,
});
const lines = () =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ApiCall & { run: string });

describe("the file of calls", () => {
  test("takes those of several sandboxes, each with its run", () => {
    const logs = ["a", "b"].map((run) => {
      const log = new CallLog();
      return { run, log, close: writeCalls(log, { file, run }) };
    });
    for (const at of ["1", "2"]) for (const { log } of logs) log.record(call(at));
    for (const { close } of logs) close();
    expect(lines().map(({ run, at }) => run + at)).toEqual(["a1", "b1", "a2", "b2"]);
  });

  test("keeps what earlier runs have written", () => {
    for (const run of ["a", "b"]) {
      const log = new CallLog();
      const close = writeCalls(log, { file, run });
      log.record(call("1"));
      close();
      log.record(call("2"));
    }
    expect(lines().map(({ run, at }) => run + at)).toEqual(["a1", "b1"]);
  });

  test("is set aside when it is full", () => {
    for (const run of ["a", "b", "c"]) {
      const log = new CallLog();
      const close = writeCalls(log, { file, run, full: 1 });
      log.record(call("1"));
      close();
    }
    expect(lines().map(({ run }) => run)).toEqual(["c"]);
    expect(readdirSync(path.dirname(file)).toSorted()).toEqual([
      "requests.jsonl",
      "requests.old.jsonl",
    ]);
  });

  test("may be read by its owner only", () => {
    writeCalls(new CallLog(), { file, run: "a" })();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
