import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { kubeContexts } from "../../components/kubeconfig.ts";

const folder = mkdtempSync(path.join(tmpdir(), "private-lb-kubeconfig-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const place = path.join(folder, name);
  writeFileSync(place, content);
  return place;
}

const kubeconfig = (name: string, ...contexts: string[]) =>
  file(
    name,
    stringify({ apiVersion: "v1", kind: "Config", contexts: contexts.map((c) => ({ name: c })) }),
  );

test("the contexts are those of every file that KUBECONFIG lists and that is there", async () => {
  const files = [
    kubeconfig("a", "staging"),
    "",
    path.join(folder, "none"),
    kubeconfig("b", "production", "staging"),
  ];
  expect(await kubeContexts({ KUBECONFIG: files.join(path.delimiter) })).toEqual([
    "staging",
    "production",
  ]);
});

test("where no file is there, the error names each", async () => {
  const files = ["x", "y"].map((name) => path.join(folder, name));
  await expect(kubeContexts({ KUBECONFIG: files.join(path.delimiter) })).rejects.toThrow(
    `there is no kubeconfig at ${files.join(", ")}`,
  );
});

test.each([
  ["empty", ""],
  ["without contexts", "kind: Config\n"],
  ["with contexts of another form", "contexts: [a, {name: 1}, null]\n"],
])("a file %s has none", async (name, content) => {
  expect(await kubeContexts({ KUBECONFIG: file(name, content) })).toEqual([]);
});

test("a file that is no YAML is named, and none of its lines", async () => {
  const KUBECONFIG = file("broken", "users:\n - token: s3cret\n  - :\n\t{");
  const error = await kubeContexts({ KUBECONFIG }).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ message: `the kubeconfig ${KUBECONFIG} is no YAML` });
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("s3cret");
});
