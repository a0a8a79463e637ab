import { expect, test } from "vitest";
import { parse } from "yaml";
import { withEndpoints } from "../../../../operate/adopt/stackFile.ts";

const HEAD = `# Of the platform team.
config:
  private-lb:network: production # the only one
`;
const ENDPOINT = { domain: "test.example.com", namespace: "ops-tools" };

test.each([
  ["no list", HEAD],
  ["an empty list", `${HEAD}  private-lb:endpoints: []\n`],
  ["a list", `${HEAD}  private-lb:endpoints:\n    # kept\n    - domain: vault.example.com\n`],
])("endpoints are added to %s, and all else stays", (_, text) => {
  const before = (parse(text).config["private-lb:endpoints"] ?? []) as unknown[];
  const added = withEndpoints(text, [ENDPOINT]);
  expect(added).toContain(HEAD.trim());
  expect(added).toContain("    - domain: test.example.com\n      namespace: ops-tools\n");
  expect(parse(added).config["private-lb:endpoints"]).toEqual([...before, ENDPOINT]);
  expect(added.includes("# kept")).toBe(text.includes("# kept"));
});

test("without endpoints the file is the same, to the letter", () => {
  const odd = "config:   {a:   1}\n";
  expect(withEndpoints(odd, [])).toBe(odd);
});
