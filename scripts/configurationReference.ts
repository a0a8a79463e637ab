/** The reference of a stack's configuration in Markdown, made from the schema: a table for each object. */
import { z } from "zod";
import { rules } from "../config/rules.ts";
import { endpointShape, settingsShape } from "../config/schema.ts";

/** What is used of JSON Schema. */
interface Json {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  items?: Json;
  anyOf?: Json[];
  properties?: Record<string, Json>;
  additionalProperties?: Json | boolean;
  not?: Json;
  required?: string[];
}

const INTRODUCTION = `# Configuration

Made from \`config/schema.ts\` and \`config/rules.ts\` by \`npm run docs\`: edit the descriptions there.

A stack's file, \`Pulumi.<stack>.yaml\`, holds these keys under \`config\`, each with the prefix \`private-lb:\`; the stack
files of this repository are examples. A run checks all of them before it declares anything, and reports every fault at
once, with its path, the rule and the value received. Names may be written in Unicode.
Secrets are set with \`pulumi config set --secret --path\`, such as
\`pulumi config set --secret --path 'private-lb:endpoints[0].certificate.privateKey'\`.
`;

const LOOKED_UP = `## What is looked up

After that, and still before anything is declared, a run looks for every network, DNS zone and kube context that the
configuration names. One that is not found is reported with those that exist; a network must be private and lie in the
zone's region, and a fixed address in its network. Before anything of an endpoint is made or replaced, it looks whether a
load balancer, a Service or a record of its names is there already, whether a fixed address is taken, and whether the
namespace is there.
`;

/** `docs/configuration.md`, whole. */
export function configurationReference(): string {
  const endpoint = z.strictObject(endpointShape);
  const stack = z.strictObject({
    ...settingsShape,
    endpoints: z.array(endpoint).describe("The private endpoints; at least one."),
  });
  const json = z.toJSONSchema(stack, { io: "input", unrepresentable: "any" }) as Json;
  return [INTRODUCTION, ...sections("", json), crossRules(), LOOKED_UP].join("\n");
}

function crossRules(): string {
  return ["## Rules between values", "", ...rules.map(({ says }) => `- ${says}`), ""].join("\n");
}

/** The object's table, then those of the objects in it. */
function sections(path: string, json: Json): string[] {
  const properties = Object.entries(json.properties ?? {});
  const rows = properties.map(([key, property]) => row(key, property, json.required ?? []));
  const title = path === "" ? "## The stack" : `## \`${path}\``;
  const own = [
    title,
    "",
    "| Key | Type | Default | What |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ];
  const inner = properties.flatMap(([key, property]) => {
    const below = path === "" ? key : `${path}.${key}`;
    const [object] = objectsOf(property);
    return object ? sections(property.type === "array" ? `${below}[]` : below, object) : [];
  });
  return [own.join("\n"), ...inner];
}

function row(key: string, json: Json, required: string[]): string {
  const cells = [
    `\`${key}\``,
    typeOf(json),
    defaultOf(key, json, required),
    json.description ?? "",
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function defaultOf(key: string, json: Json, required: string[]): string {
  if (required.includes(key)) return "required";
  if (Array.isArray(json.default) && json.default.length > 0) return json.default.join(", ");
  if (json.type === "array") return "none";
  return json.default === undefined ? "–" : `\`${json.default}\``;
}

const TYPES: Record<string, string> = {
  string: "text",
  integer: "whole number",
  boolean: "true or false",
};

function typeOf(json: Json): string {
  if (json.enum) return json.enum.map((value) => `\`${value}\``).join(", ");
  if (json.anyOf) return [...new Set(json.anyOf.map(typeOf))].join(" or ");
  if (json.type === "array") return `list of ${plural(typeOf(json.items ?? {}))}`;
  if (json.type === "object") return isMap(json) ? "text by name" : "object";
  return TYPES[json.type ?? ""] ?? "anything";
}

function plural(type: string): string {
  return type === "object" ? "objects" : type;
}

/** One whose values may be nothing at all is an empty object. */
function isMap({ additionalProperties: values }: Json): boolean {
  return typeof values === "object" && values.not === undefined;
}

/** The objects with keys of their own that a property holds: itself, its items, or one of its forms. */
function objectsOf(json: Json): Json[] {
  const inner = [...(json.items ? [json.items] : []), ...(json.anyOf ?? [])];
  const hasKeys = Object.keys(json.properties ?? {}).length > 0;
  return [...(hasKeys ? [json] : []), ...inner.flatMap(objectsOf)];
}
