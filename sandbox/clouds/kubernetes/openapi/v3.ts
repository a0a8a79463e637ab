/** OpenAPI v3, one document per group and version. */
import { createHash } from "node:crypto";
import { openApiPaths } from "../api/discovery.ts";
import type { Kind } from "../kinds.ts";
import type { JsonObject } from "../types.ts";
import { collectDefinitions, type Definition, toOpenApi } from "./definitions.ts";
import { kindExtension, type Operation, operationsOf, parameterType } from "./paths.ts";

const REF = "#/components/schemas/";

export function openApiV3Index(): JsonObject {
  const entries = [...openApiPaths().keys()].map((path): [string, JsonObject] => {
    const hash = createHash("sha256")
      .update(JSON.stringify(openApiV3(path)))
      .digest("hex");
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash.toUpperCase()}` }];
  });
  return { paths: Object.fromEntries(entries) };
}

/** `undefined` for a group and version that is not served. */
export function openApiV3(path: string): JsonObject | undefined {
  const kinds = openApiPaths().get(path);
  if (!kinds) return undefined;
  const definitions = collectDefinitions(kinds);
  const schemas = [...definitions.values()].map((definition): [string, JsonObject] => {
    return [definition.name, toOpenApi(definition, definitions, REF)];
  });
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1.36.0" },
    paths: paths(kinds, definitions),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

function paths(kinds: readonly Kind[], definitions: Map<string, Definition>): JsonObject {
  const result: Record<string, JsonObject> = {};
  for (const operation of kinds.flatMap(operationsOf)) {
    const item = result[operation.path] ?? { parameters: pathParameters(operation) };
    result[operation.path] = item;
    item[operation.method] = operationObject(operation, definitions);
  }
  return result;
}

function pathParameters({ pathParameters: names }: Operation): JsonObject[] {
  return names.map((name) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", uniqueItems: true },
  }));
}

function operationObject(operation: Operation, definitions: Map<string, Definition>): JsonObject {
  const { action, query, kind, method } = operation;
  const schema = { $ref: `${REF}${definitions.get(kind.schema.name)?.name}` };
  const content = { "application/json": { schema } };
  const group = kind.group || "core";
  return {
    tags: [`${group}_${kind.version}`],
    operationId: `${action}${operation.path.replace(/[^A-Za-z0-9]+(\w)/g, (_, c: string) => c.toUpperCase())}`,
    parameters: query.map((name) => ({
      name,
      in: "query",
      schema: { type: parameterType(name), uniqueItems: true },
    })),
    ...((method === "post" || method === "put") && { requestBody: { content, required: true } }),
    responses: { "200": { description: "OK", content } },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": kindExtension(kind),
  };
}
