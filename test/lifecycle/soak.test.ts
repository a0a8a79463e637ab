import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { soak } from "../../sandbox/soak/soak.ts";

const projectDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

test("a soak renews, counts what clients saw, and leaves nothing behind", async () => {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const result = await soak({ projectDir, renewals: 1, endpoints: 1, lifetime: 100, print });
  expect(result).toMatchObject({
    faults: [],
    passed: true,
    renewals: 1,
    certificatesIssued: 2,
    handshakesFailed: 0,
    leftovers: [],
  });
  expect(result.handshakesMade).toBeGreaterThan(50);
  expect(lines.filter((line) => line.includes("soak-1.example.net"))).toHaveLength(1);
}, 240_000);

test("a soak that is not done in time says so, and cleans up all the same", async () => {
  const result = await soak({ projectDir, endpoints: 1, within: 0, print: () => {} });
  expect(result).toMatchObject({ passed: false, renewals: 0, leftovers: [] });
  expect(result.faults).toEqual(["not done within 0 s"]);
}, 240_000);
