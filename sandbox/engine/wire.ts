/**
 * Values on the wire between SDK, engine and providers: google.protobuf.Struct with signed maps.
 * https://github.com/pulumi/pulumi/blob/master/developer-docs/providers/value-encoding.md
 */
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { UNKNOWN } from "./provider.ts";
import { isMap, mapValues, type PropertyMap, Secret, secret, type Value } from "./value.ts";

export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const UNSUPPORTED: Record<string, string> = {
  c44067f5952c0a294b673a41bacd8c17: "assets",
  "0def7320c3a5731c473e5ecbe6d01bc7": "archives",
};

export type Struct = structs.Struct;

/** Thrown where the program asks for what the local engine does not do. */
export class Unsupported extends Error {
  constructor(what: string) {
    super(`the sandbox's local engine does not support ${what}; use the real Pulumi engine for it`);
    this.name = "Unsupported";
  }
}

/** From plain JSON with signatures; dependencies of output values are added to `dependencies`. */
export function decode(json: unknown, dependencies?: Set<string>): Value {
  if (Array.isArray(json)) return json.map((item) => decode(item, dependencies));
  if (typeof json !== "object" || json === null) return (json ?? null) as Value;
  const map = json as Record<string, unknown>;
  switch (map[SIGNATURE]) {
    case undefined:
      return Object.fromEntries(
        Object.entries(map)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => [key, decode(item, dependencies)]),
      );
    case SECRET:
      return secret(decode(map["value"], dependencies));
    case OUTPUT: {
      for (const urn of (map["dependencies"] as string[] | undefined) ?? []) dependencies?.add(urn);
      const value = "value" in map ? decode(map["value"], dependencies) : UNKNOWN;
      return map["secret"] === true ? secret(value) : value;
    }
    case RESOURCE:
      return map as PropertyMap;
    default:
      throw new Unsupported(UNSUPPORTED[String(map[SIGNATURE])] ?? "this kind of value");
  }
}

/** To plain JSON; secrets as signed maps. */
export function encode(value: Value): unknown {
  if (value instanceof Secret) return { [SIGNATURE]: SECRET, value: encode(value.value) };
  if (Array.isArray(value)) return value.map(encode);
  return isMap(value) ? mapValues(value, encode) : value;
}

/** A resource passed as an input: a provider gets its id, or the URN of a component. */
export function resolveReferences(value: Value): Value {
  if (value instanceof Secret) return new Secret(resolveReferences(value.value));
  if (Array.isArray(value)) return value.map(resolveReferences);
  if (!isMap(value)) return value;
  if (value[SIGNATURE] === RESOURCE)
    return "id" in value ? value["id"] || UNKNOWN : (value["urn"] as Value);
  return mapValues(value, resolveReferences);
}

export const toStruct = (map: Record<string, unknown>): Struct =>
  structs.Struct.fromJavaScript(map as never);
export const encodeMap = (map: PropertyMap): Struct => toStruct(mapValues(map, encode));
export const decodeMap = (struct: Struct | undefined): PropertyMap =>
  decode(struct?.toJavaScript() ?? {}) as PropertyMap;
