/** Bodies of requests: JSON, YAML, and Kubernetes' protobuf for the kinds that clients send so. */
import { parse as parseYaml } from "yaml";
import { groupVersion, type Kind } from "../kinds.ts";
import { decodeProtobuf, PROTOBUF } from "../protobuf/kubernetes.ts";
import { decode, reportUnknown } from "../schema/decode.ts";
import { badRequest, unsupportedMediaType } from "../status.ts";
import { isObject, type Json, type JsonObject, type KubeObject } from "../types.ts";

export interface Body {
  contentType: string;
  content: Buffer;
}

const JSON_TYPE = "application/json";
const YAML_TYPE = "application/yaml";

/** @throws ApiError 400, 415 */
export function parseObject({ contentType, content }: Body): JsonObject {
  const parsed = parse(contentType || JSON_TYPE, content);
  if (!isObject(parsed)) throw badRequest("the body must be an object");
  return parsed;
}

function parse(type: string, content: Buffer): Json {
  switch (type) {
    case JSON_TYPE:
      return parseJson(content);
    case YAML_TYPE:
      return parseText(() => parseYaml(content.toString("utf8")) as Json);
    case PROTOBUF:
      return decodeProtobuf(content);
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: ` +
          [JSON_TYPE, YAML_TYPE, PROTOBUF].join(", "),
      );
  }
}

export function parseJson(content: Buffer): Json {
  return parseText(() => JSON.parse(content.toString("utf8")) as Json);
}

/** JSON is YAML as well. */
export function parseAnyText(content: Buffer): Json {
  return parseText(() => parseYaml(content.toString("utf8")) as Json);
}

function parseText(parser: () => Json): Json {
  try {
    return parser();
  } catch (error) {
    throw badRequest(`the object provided is unrecognized: ${(error as Error).message}`);
  }
}

export interface DecodedObject {
  object: KubeObject;
  warnings: string[];
}

/**
 * An object of `kind`, its fields checked against the schema.
 * @throws ApiError 400 when it is of another kind, or has a wrong type or (strictly) an unknown field
 */
export function toObject(kind: Kind, value: JsonObject, validation: string): DecodedObject {
  const expected = groupVersion(kind);
  const { apiVersion = expected, kind: name = kind.kind } = value;
  if (apiVersion !== expected || name !== kind.kind) {
    const seen = `${apiVersion}, Kind=${name}`;
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): no kind ` +
        `"${name}" is registered for version "${seen}"`,
    );
  }
  const { object, unknown } = decode(value, kind.schema);
  const metadata = isObject(object["metadata"]) ? object["metadata"] : {};
  const complete = { ...object, apiVersion: expected, kind: kind.kind, metadata } as KubeObject;
  return { object: complete, warnings: reportUnknown(unknown, validation) };
}
