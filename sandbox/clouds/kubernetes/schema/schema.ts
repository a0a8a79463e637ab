/**
 * The schemas of the served kinds. Fields and types come from the generated models of the official client
 * (so they are those of the Kubernetes release that the client names); what the models do not carry, how
 * lists and maps merge, is in rules.ts.
 */
import * as client from "@kubernetes/client-node";
import { ATOMIC, LISTS, type ListRule, REQUIRED } from "./rules.ts";

export interface ObjectSchema {
  type: "object";
  /** Name of the model: `V1ServiceSpec`. */
  name: string;
  fields: ReadonlyMap<string, Schema>;
  required: readonly string[];
  atomic: boolean;
}

export type Schema =
  | ObjectSchema
  | { type: "map"; values: Schema; atomic: boolean }
  | { type: "list"; items: Schema; rule: ListRule }
  | { type: "string" | "integer" | "number" | "boolean"; format?: string }
  /** An integer or a string. */
  | { type: "intOrString" }
  /** A string or a number, such as `100m`. */
  | { type: "quantity" }
  /** Any JSON. */
  | { type: "any" };

interface Attribute {
  baseName: string;
  type: string;
  format: string;
}

const models = client as unknown as Record<
  string,
  { getAttributeTypeMap?: () => Attribute[] } | undefined
>;
const known = new Map<string, ObjectSchema>();

/** The schema of one model of the client, such as `V1Service`. Throws when there is no such model. */
export function schemaOf(model: string): ObjectSchema {
  const made = known.get(model);
  if (made) return made;
  const attributes = models[model]?.getAttributeTypeMap?.();
  if (!attributes) throw new Error(`@kubernetes/client-node has no model ${model}`);
  const fields = new Map<string, Schema>();
  const schema: ObjectSchema = {
    type: "object",
    name: model,
    fields,
    required: REQUIRED[model] ?? [],
    atomic: ATOMIC.has(model),
  };
  known.set(model, schema);
  for (const { baseName, type, format } of attributes) {
    fields.set(baseName, parseType(type, format, `${model}.${baseName}`));
  }
  return schema;
}

const LIST = /^Array<(.*)>$/;
const MAP = /^\{ \[key: string\]: (.*); \}$/;

function parseType(type: string, format: string, path: string): Schema {
  const items = LIST.exec(type)?.[1];
  if (items !== undefined) {
    const rule = LISTS[path] ?? { type: "atomic" };
    return { type: "list", items: parseType(items, format, `${path}[]`), rule };
  }
  const values = MAP.exec(type)?.[1];
  if (values !== undefined) {
    const parsed: Schema = QUANTITIES.test(path)
      ? { type: "quantity" }
      : parseType(values, format, `${path}{}`);
    return { type: "map", values: parsed, atomic: ATOMIC.has(path) };
  }
  return parseScalar(type, format);
}

/** The models call a quantity a string. */
const QUANTITIES = /\.(limits|requests|capacity|allocatable|overhead|allocatedResources)$/;

function parseScalar(type: string, format: string): Schema {
  switch (type) {
    case "string":
    case "boolean":
      return format ? { type, format } : { type };
    case "number":
      if (format === "double") return { type: "number", format };
      return format ? { type: "integer", format } : { type: "integer" };
    case "Date":
      return { type: "string", format: "date-time" };
    case "V1MicroTime":
      return { type: "string", format: "micro-time" };
    case "IntOrString":
      return { type: "intOrString" };
    case "any":
    case "object":
      return { type: "any" };
    default:
      return schemaOf(type);
  }
}
