import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rules } from "../../../config/rules.ts";
import { endpointShape, settingsShape } from "../../../config/schema.ts";
import { configurationReference } from "../../../scripts/configurationReference.ts";

const FILE = "docs/configuration.md";

test("the reference of the configuration is what the schema says", () => {
  const isCurrent = readFileSync(FILE, "utf8") === configurationReference();
  expect(isCurrent, `${FILE} is stale: renew it with \`npm run docs\``).toBe(true);
});

test.each([...Object.keys(settingsShape), ...Object.keys(endpointShape)])(
  "it has a row for %s that says what it is",
  (key) => {
    const [, description = ""] =
      new RegExp(`^\\| \`${key}\` \\| .+ \\| .+ \\| (.+) \\|$`, "m").exec(
        configurationReference(),
      ) ?? [];
    expect(description.length).toBeGreaterThan(10);
  },
);

test("it has every rule between values, each a sentence", () => {
  const [, section = ""] = configurationReference().split("\n## Rules between values\n\n");
  const listed = section.split("\n\n")[0]?.split("\n") ?? [];
  expect(listed).toHaveLength(rules.length);
  expect(new Set(listed).size).toBe(rules.length);
  for (const line of listed) expect(line).toMatch(/^- [A-Z`].{20,}\.$/);
});

test.each(["endpoints[].alsoFrom[]", "endpoints[].certificate", "dnsZones[]"])(
  "the objects in %s have a table",
  (path) => {
    expect(configurationReference()).toContain(`\n## \`${path}\`\n`);
  },
);
