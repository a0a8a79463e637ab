/** What is installed is what was looked at: versions, checksums, install scripts. SECURITY.md says so. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../../..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");

interface Locked {
  version: string;
  resolved?: string;
  integrity?: string;
  hasInstallScript?: boolean;
}
const manifest = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> };
const locked = Object.entries(packages).filter(([where]) => where !== "");

describe.each(["dependencies", "devDependencies", "optionalDependencies"])(
  "each of the %s",
  (kind) => {
    test.each(Object.entries(manifest[kind] ?? {}))("is one exact version: %s", (name, version) => {
      expect(version).toMatch(/^(npm:[^@]+@)?\d+\.\d+\.\d+$/);
      expect(packages[`node_modules/${name}`]?.version).toBe(version);
    });
  },
);

test("every locked package has a checksum, and comes from a registry", () => {
  const odd = locked.filter(
    ([, { resolved, integrity }]) =>
      // Not said of one that comes from the registry that npm is set to.
      (resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/")) ||
      !integrity?.startsWith("sha512-"),
  );
  expect(odd.map(([where]) => where)).toEqual([]);
});

test("no install script is run, and those that there are have been looked at", () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript);
  const names = scripted.map(([where]) => where.replace(/^.*node_modules\//, ""));
  expect([...new Set(names)].sort()).toEqual(["@pulumi/kubernetes", "protobufjs"]);
  for (const name of names) expect(read("SECURITY.md")).toContain(`\`${name}\``);
  expect(read("setup/dependencies.mjs")).toMatch(/"ci", "--ignore-scripts"/);
});
