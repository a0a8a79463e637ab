/** Objects in Kubernetes' protobuf envelope: four magic bytes, then a runtime.Unknown around the message. */
import { badRequest, unsupportedMediaType } from "../status.ts";
import type { Json, JsonObject } from "../types.ts";
import { type FieldType, type Message, messageOf } from "./messages.ts";
import { readFields } from "./wire.ts";

export const PROTOBUF = "application/vnd.kubernetes.protobuf";

const MAGIC = Buffer.from("k8s\0");
const TYPE_META: Message = {
  fields: { 1: { name: "apiVersion", type: "string" }, 2: { name: "kind", type: "string" } },
};

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
  const fields = readFields(bytes);
  const part = (number: number) => {
    const value = fields.find((field) => field.number === number)?.value;
    return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
  };
  const { apiVersion = "", kind = "" } = decodeMessage(part(1), TYPE_META);
  const message = messageOf(String(apiVersion), String(kind));
  if (!message) {
    throw unsupportedMediaType(`${kind} of ${apiVersion} is not understood as protobuf; send JSON`);
  }
  return { apiVersion, kind, ...decodeMessage(part(2), message) };
}

function decodeMessage(bytes: Buffer, message: Message): JsonObject {
  const result: JsonObject = {};
  for (const { number, value } of readFields(bytes)) {
    const field = message.fields[number];
    if (!field) continue;
    const decoded = decodeValue(value, field.type);
    if (decoded === null) continue;
    const before = result[field.name];
    if (field.list) result[field.name] = [...(Array.isArray(before) ? before : []), decoded];
    else if (field.type === "stringMap") {
      result[field.name] = { ...(before as JsonObject | undefined), ...(decoded as JsonObject) };
    } else result[field.name] = decoded;
  }
  return result;
}

function decodeValue(value: number | Buffer, type: FieldType): Json {
  if (!Buffer.isBuffer(value)) return type === "boolean" ? value !== 0 : value;
  if (typeof type === "object") return decodeMessage(value, type);
  switch (type) {
    case "time":
    case "microTime":
      return decodeTime(value, type === "microTime");
    case "stringMap": {
      const { key = "", value: text = "" } = decodeMessage(value, MAP_ENTRY);
      return { [String(key)]: text };
    }
    default:
      return value.toString("utf8");
  }
}

const MAP_ENTRY: Message = {
  fields: { 1: { name: "key", type: "string" }, 2: { name: "value", type: "string" } },
};

/** Go's zero time is sent as seconds before the year 1, and stands for no time at all. */
function decodeTime(bytes: Buffer, micro: boolean): Json {
  const parts = readFields(bytes).map(({ number, value }) => [number, Number(value)] as const);
  const { 1: seconds = 0, 2: nanos = 0 } = Object.fromEntries(parts);
  if (parts.length === 0 || seconds < -62_000_000_000) return null;
  const date = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (!micro) return `${date}Z`;
  return `${date}.${String(Math.floor(nanos / 1000)).padStart(6, "0")}Z`;
}
