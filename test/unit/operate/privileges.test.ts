/** The documents name the privileges as the data does that the doctor prints and the sandbox enforces. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { TOKEN_PERMISSIONS } from "../../../operate/privileges/cloudflare.ts";
import { clusterPrivileges, MANIFEST } from "../../../operate/privileges/kubernetes.ts";
import { LEAST_SETS, policy, READING_SETS } from "../../../operate/privileges/scaleway.ts";

const read = (file: string) =>
  readFileSync(path.join(import.meta.dirname, "../../..", file), "utf8");

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
