/** OpenAPI v2 (Swagger), as JSON and as gnostic's protobuf message, which client-go asks for. */
import { KINDS } from "../kinds.ts";
import { writeField } from "../protobuf/wire.ts";
import { isObject, type Json, type JsonObject } from "../types.ts";
import { allDefinitions, toOpenApi } from "./definitions.ts";
import { kindExtension, operationsOf, parameterType } from "./paths.ts";

export const GNOSTIC = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

export function openApiV2(): JsonObject {
  const all = allDefinitions();
  const definitions = [...all.values()].map((definition): [string, JsonObject] => {
    return [definition.name, toOpenApi(definition, all, "#/definitions/")];
  });
  const paths: Record<string, JsonObject> = {};
  for (const { path, method, action, query, pathParameters, kind } of KINDS.flatMap(operationsOf)) {
    const item: JsonObject = paths[path] ?? {
      parameters: pathParameters.map((name) => ({
        name,
        in: "path",
        required: true,
        type: "string",
      })),
    };
    paths[path] = item;
    item[method] = {
      operationId: `${action} ${path}`,
      parameters: query.map((name) => ({ name, in: "query", type: parameterType(name) })),
      responses: { "200": { description: "OK" } },
      "x-kubernetes-action": action,
      "x-kubernetes-group-version-kind": kindExtension(kind),
    };
  }
  return {
    swagger: "2.0",
    info: { title: "Kubernetes", version: "v1.36.0" },
    paths,
    definitions: Object.fromEntries(definitions),
  };
}

/** Field numbers: https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto */
export function encodeGnostic(document: JsonObject): Buffer {
  const { swagger, info, paths, definitions } = document as Record<string, JsonObject | string>;
  const { title = "", version = "" } = info as Record<string, string>;
  return Buffer.concat([
    writeField(1, swagger as string),
    writeField(2, Buffer.concat([writeField(1, title), writeField(2, version)])),
    writeField(8, Buffer.concat(named(2, paths as JsonObject, pathItem))),
    writeField(9, Buffer.concat(named(1, definitions as JsonObject, schema))),
  ]);
}

/** Pairs of name and message, as gnostic writes a map. */
function named(number: number, map: JsonObject, encode: (value: JsonObject) => Buffer): Buffer[] {
  return Object.entries(map).map(([name, value]) => {
    const content = encode(value as JsonObject);
    return writeField(number, Buffer.concat([writeField(1, name), writeField(2, content)]));
  });
}

function extensions(number: number, value: JsonObject): Buffer[] {
  const own = Object.entries(value).filter(([name]) => name.startsWith("x-"));
  return own.map(([name, extension]) => {
    const yaml = writeField(2, JSON.stringify(extension));
    return writeField(number, Buffer.concat([writeField(1, name), writeField(2, yaml)]));
  });
}

const METHODS = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };

function pathItem(value: JsonObject): Buffer {
  const operations = Object.entries(METHODS).flatMap(([method, number]) => {
    const found = value[method];
    return isObject(found) ? [writeField(number, operation(found))] : [];
  });
  return Buffer.concat([...operations, ...parameters(9, value)]);
}

function operation(value: JsonObject): Buffer {
  const ok = writeField(1, Buffer.concat([writeField(1, "OK")]));
  const response = Buffer.concat([writeField(1, "200"), writeField(2, ok)]);
  return Buffer.concat([
    writeField(5, String(value["operationId"])),
    ...parameters(8, value),
    writeField(9, writeField(1, response)),
    ...extensions(13, value),
  ]);
}

function parameters(number: number, { parameters: list }: JsonObject): Buffer[] {
  return ((list ?? []) as Record<string, string>[]).map(
    ({ name = "", in: place = "", type = "" }) => {
      const inPath = place === "path";
      const content = Buffer.concat([
        ...(inPath ? [writeField(1, true)] : []),
        writeField(2, place),
        writeField(4, name),
        writeField(inPath ? 5 : 6, type),
      ]);
      const nonBody = writeField(inPath ? 4 : 3, content);
      return writeField(number, writeField(1, writeField(2, nonBody)));
    },
  );
}

function schema(value: JsonObject): Buffer {
  const parts: Buffer[] = [];
  const text = (number: number, content: Json | undefined) => {
    if (typeof content === "string") parts.push(writeField(number, content));
  };
  const below = (content: Json | undefined) => (isObject(content) ? schema(content) : undefined);
  text(1, value["$ref"]);
  text(2, value["format"]);
  text(4, value["description"]);
  for (const name of (value["required"] ?? []) as string[]) text(19, name);
  const values = below(value["additionalProperties"]);
  if (values) parts.push(writeField(21, writeField(1, values)));
  if (typeof value["type"] === "string") parts.push(writeField(22, writeField(1, value["type"])));
  const items = below(value["items"]);
  if (items) parts.push(writeField(23, writeField(1, items)));
  if (isObject(value["properties"])) {
    parts.push(writeField(25, Buffer.concat(named(1, value["properties"], schema))));
  }
  return Buffer.concat([...parts, ...extensions(31, value)]);
}
