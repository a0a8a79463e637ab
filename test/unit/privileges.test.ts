/** The documents name the privileges as the data does that the doctor prints and the sandbox enforces. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { TOKEN_PERMISSIONS } from "../../privileges/cloudflare.ts";
import { clusterPrivileges, MANIFEST } from "../../privileges/kubernetes.ts";
import { LEAST_SETS, policy, READING_SETS } from "../../privileges/scaleway.ts";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");

test("the README names Scaleway's permission sets, all and no other", () => {
  const named = [...read("README.md").matchAll(/`(\w+(?:FullAccess|ReadOnly))`/g)];
  expect(named.map(([, name]) => name).sort()).toEqual(LEAST_SETS.toSorted());
});

test("the command that the doctor prints gives these permission sets", () => {
  const given = [...policy("p").matchAll(/permission-set-names\.\d+=(\w+)/g)];
  expect(given.map(([, name]) => name)).toEqual(LEAST_SETS);
});

test("SECURITY.md names what the doctor reads besides", () => {
  for (const name of READING_SETS) expect(read("SECURITY.md")).toContain(`\`${name}\``);
});

test.each(["README.md", "SECURITY.md"])(
  "%s names the permissions of Cloudflare's token",
  (file) => {
    for (const name of TOKEN_PERMISSIONS)
      expect(read(file)).toContain(`\`${name.replace(":", ": ")}\``);
  },
);

test("no other file of the product names a permission", () => {
  const folders = ["certificate", "components", "config", "dynamic", "frontend", "operate"];
  const files = [...folders, "policy", "preflight"].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => path.join(folder, file)),
  );
  const named = /\b[A-Z]\w+(?:FullAccess|ReadOnly)\b|Zone\.(?:DNS|Zone):/;
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => named.test(read(file)))).toEqual([]);
});

describe("the Role", () => {
  const { namespaced, clusterWide } = clusterPrivileges();
  test("is named by both documents, at its place", () => {
    for (const file of ["README.md", "SECURITY.md", MANIFEST])
      expect(read(file)).toContain(MANIFEST);
  });

  test("writes Services and NetworkPolicies alone, and has no wildcard", () => {
    const reading = new Set(["get", "list", "watch"]);
    const written = namespaced.filter(({ verbs }) => !verbs.every((verb) => reading.has(verb)));
    expect(written.flatMap(({ resources }) => resources)).toEqual(["services", "networkpolicies"]);
    expect(clusterWide).toEqual([{ apiGroups: [""], resources: ["nodes"], verbs: ["list"] }]);
    expect(JSON.stringify([namespaced, clusterWide])).not.toContain("*");
  });
});
