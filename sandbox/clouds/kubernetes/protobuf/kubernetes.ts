/**
 * Objects in Kubernetes' protobuf envelope: four magic bytes, then a runtime.Unknown around the message. Go clients
 * with generated types, such as kubectl create and controllers, send their objects so.
 */
import { KINDS } from "../kinds.ts";
import { type ObjectSchema, type Schema, schemaOf } from "../schema/schema.ts";
import { badRequest, unsupportedMediaType } from "../status.ts";
import type { Json, JsonObject } from "../types.ts";
import { fieldNumbers } from "./numbers.ts";
import { readFields } from "./wire.ts";

export const PROTOBUF = "application/vnd.kubernetes.protobuf";

const MAGIC = Buffer.from("k8s\0");

/** @throws ApiError 400 for other bytes, 415 for a kind that is not understood in this form */
export function decodeProtobuf(content: Buffer): JsonObject {
  if (!content.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest("provided data does not appear to be a protobuf message, expected prefix k8s");
  }
  try {
    return decodeEnvelope(content.subarray(MAGIC.length));
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(`malformed protobuf: ${error.message}`);
    throw error;
  }
}

function decodeEnvelope(bytes: Buffer): JsonObject {
  const unknown = parts(bytes);
  const type = parts(unknown.get(1));
  const [apiVersion, kind] = [text(type.get(1)), text(type.get(2))];
  const schema = schemaFor(apiVersion, kind);
  if (!schema || !fieldNumbers(schema.name)) {
    throw unsupportedMediaType(`${kind} of ${apiVersion} is not understood as protobuf; send JSON`);
  }
  return { apiVersion, kind, ...decodeMessage(asBytes(unknown.get(2)), schema) };
}

/** DeleteOptions are of every group. */
function schemaFor(apiVersion: string, kind: string): ObjectSchema | undefined {
  if (kind === "DeleteOptions") return schemaOf("V1DeleteOptions");
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  const found = KINDS.find((one) => {
    return one.kind === kind && one.group === group && one.version === version;
  });
  return found?.schema;
}

type Value = number | Buffer;

/** The last value of each number. */
function parts(bytes: Value | undefined): Map<number, Value> {
  return new Map(readFields(asBytes(bytes)).map(({ number, value }) => [number, value]));
}

const asBytes = (value: Value | undefined) => (Buffer.isBuffer(value) ? value : Buffer.alloc(0));
const text = (value: Value | undefined) => asBytes(value).toString("utf8");

function decodeMessage(bytes: Buffer, schema: ObjectSchema): JsonObject {
  const numbers = fieldNumbers(schema.name);
  const result: JsonObject = {};
  for (const { number, value } of readFields(bytes)) {
    const name = numbers?.get(number);
    const field = name === undefined ? undefined : schema.fields.get(name);
    if (name === undefined || !field) continue;
    const decoded = decodeField(value, field, result[name]);
    if (decoded !== null) result[name] = decoded;
  }
  return result;
}

/** Lists and maps come item by item: `before` is what came until now. */
function decodeField(value: Value, schema: Schema, before: Json | undefined): Json {
  if (schema.type === "list") {
    const item = decodeValue(value, schema.items);
    return [...(Array.isArray(before) ? before : []), item];
  }
  if (schema.type === "map") {
    const entry = parts(value);
    const item = decodeValue(entry.get(2) ?? Buffer.alloc(0), schema.values);
    return { ...(before as JsonObject | undefined), [text(entry.get(1))]: item };
  }
  return decodeValue(value, schema);
}

function decodeValue(value: Value, schema: Schema): Json {
  switch (schema.type) {
    case "object":
      return decodeMessage(asBytes(value), schema);
    case "boolean":
      return value !== 0;
    case "integer":
    case "number":
      return Number(value);
    case "quantity":
      return text(parts(value).get(1));
    case "intOrString": {
      const { 1: type = 0, 2: number = 0, 3: name } = Object.fromEntries(parts(value));
      return type === 0 ? Number(number) : text(name);
    }
    case "string":
      return decodeString(value, schema.format);
    default:
      return null;
  }
}

function decodeString(value: Value, format: string | undefined): Json {
  if (format === "byte") return asBytes(value).toString("base64");
  if (format === "date-time" || format === "micro-time") {
    return decodeTime(parts(value), format === "micro-time");
  }
  return text(value);
}

/** Go's zero time is sent as seconds before the year 1, and stands for no time at all. */
function decodeTime(fields: Map<number, Value>, micro: boolean): Json {
  const seconds = Number(fields.get(1) ?? 0);
  if (fields.size === 0 || seconds < -62_000_000_000) return null;
  const date = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (!micro) return `${date}Z`;
  const micros = Math.floor(Number(fields.get(2) ?? 0) / 1000);
  return `${date}.${String(micros).padStart(6, "0")}Z`;
}
