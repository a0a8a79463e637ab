/** Whatever a stack is called, nothing is written outside the project's folder: Node's permission model sees to it. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Estate, startEstate } from "./estate.ts";

const SETTINGS = `config:
  private-lb:environment: prod
  private-lb:network: prod
  private-lb:kubeContext: test
  private-lb:dnsZones: [{ name: example.com }]
  private-lb:acmeEmail: a@example.com
  private-lb:acmeDirectory: letsencrypt
  private-lb:endpoints: []
`;
/** Folders above the project's, in each of which a stack file lies for whoever gets out. */
const DEPTH = 4;

let estate: Estate;
let root: string;
let projectDir: string;
beforeAll(async () => {
  estate = await startEstate({ isMarked: false });
  root = mkdtempSync(path.join(tmpdir(), "private-lb-writes-"));
  projectDir = path.join(root, ...Array.from({ length: DEPTH }, (_, i) => `level${i}`));
  mkdirSync(projectDir, { recursive: true });
  for (let folder = projectDir; folder !== path.dirname(root); folder = path.dirname(folder))
    for (const name of ["x.yaml", "Pulumi.prod.yaml"])
      writeFileSync(path.join(folder, name), SETTINGS);
});
afterAll(async () => {
  rmSync(root, { recursive: true });
  await estate.close();
});

interface Written {
  writer: string;
  stack: string;
  said: string;
}

async function write(names: string[]): Promise<Written[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...["--permission", "--allow-fs-read=*", `--allow-fs-write=${projectDir}`, "--no-warnings"],
      ...[path.join(import.meta.dirname, "writing.ts"), JSON.stringify({ projectDir, names })],
    ],
    { env: { ...estate.env, PULUMI_CONFIG_PASSPHRASE: "x" }, timeout: 60_000 },
  );
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Written);
}

const DENIED = /ERR_ACCESS_DENIED|restricted/;
const piece = fc.constantFrom("..", "/", "../", "a", "x", "prod", "\\", "%2e%2e%2f", " ", ".", "~");
const climbing = Array.from({ length: DEPTH + 2 }, (_, i) => `a/${"../".repeat(i)}x`);

test("no stack name leads out of the project", { timeout: 90_000 }, async () => {
  const above = () => readdirSync(root, { recursive: true }).filter((name) => !inProject(name));
  const before = above();
  const fuzzed = fc.sample(fc.string({ unit: piece, minLength: 1, maxLength: 6 }), 40);
  const written = await write(["prod", ...climbing, "..", "/tmp/x", ...fuzzed]);
  // The sound one is written, by both, and by adoption into the folder of its own.
  expect(readdirSync(path.join(projectDir, ".adopt")).sort()).toEqual([
    "Pulumi.prod.yaml",
    "prod.json",
  ]);
  expect(written.slice(0, 2).map(({ said }) => said)).toEqual(["done", "done"]);
  expect(written.filter(({ said }) => DENIED.test(said))).toEqual([]);
  expect(above()).toEqual(before);
  for (const { stack, said } of written)
    if (/[/\\]/.test(stack)) expect(said).toContain("a stack's name has only letters, digits");
});

const inProject = (name: string | Buffer) =>
  path.join(root, String(name)).startsWith(projectDir + path.sep);
