import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { settingsShape } from "../../../config/schema.ts";

interface Declaration {
  type: string;
  description: string;
  items?: { type: string };
  default?: unknown;
}

const project = parse(readFileSync("Pulumi.yaml", "utf8"));
const declared: Record<string, Declaration> = project.config;
const { endpoints, ...settings } = declared;

/** What Pulumi.yaml is to say of a setting: Pulumi knows no type of an object's fields. */
function declarationOf(schema: z.ZodType): Declaration {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const type = String(json.type ?? "object");
  const list = type === "array" ? { items: { type: "object" } } : {};
  return { type, description: json.description ?? "", ...list };
}

test("every setting of the schema is declared, and nothing else", () => {
  expect(Object.keys(settings)).toEqual(Object.keys(settingsShape));
  expect(endpoints).toMatchObject({ type: "array", items: { type: "object" } });
});

test.each(Object.entries(settingsShape))(
  "%s is declared with type, description and default of the schema",
  (key, schema) => {
    const { default: given, ...declaration } = settings[key] ?? {};
    expect(declaration).toEqual(declarationOf(schema));
    const parsed = schema.safeParse(undefined);
    // Pulumi asks a value of every declared key that has no default.
    const isRequired = !parsed.success;
    expect(given === undefined).toBe(isRequired);
    if (!isRequired) expect(schema.parse(given)).toEqual(parsed.data);
  },
);

test.each(["staging", "preproduction", "prod", "monitoring"])(
  "Pulumi.%s.yaml sets only what is declared",
  (stack) => {
    const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8"));
    const known = Object.keys(declared).map((key) => `${project.name}:${key}`);
    expect(known).toEqual(expect.arrayContaining(Object.keys(config)));
  },
);

test("the program is run by Node itself", () => {
  expect(project).toMatchObject({
    name: "private-lb",
    main: "index.ts",
    runtime: { name: "nodejs", options: { typescript: false } },
  });
});
