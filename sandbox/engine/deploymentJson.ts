/**
 * The state as Pulumi's deployment, version 3: what `pulumi stack export` writes and `pulumi stack import` reads.
 * https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go
 */
import { createHash } from "node:crypto";
import type { Crypter } from "./secrets.ts";
import { emptyState, mapUrns, type ResourceState } from "./state.ts";
import { makeUrn, parseUrn, ROOT_TYPE } from "./urn.ts";
import { isMap, mapValues, type PropertyMap, reveal, Secret, type Value } from "./value.ts";
import { SECRET, SIGNATURE } from "./wire.ts";

/** The Pulumi release whose state this is. */
const VERSION = "3.260.0";

export type Json = Record<string, unknown>;
export type OperationType = "creating" | "updating" | "deleting" | "reading" | "importing";
export interface Operation {
  type: OperationType;
  resource: ResourceState;
}
export interface Snapshot {
  resources: ResourceState[];
  operations: Operation[];
}
export interface StateFile {
  version: 3;
  deployment: Json;
}

function encodeValue(value: Value, crypter: Crypter | undefined): unknown {
  if (value instanceof Secret) {
    const text = JSON.stringify(encodeValue(value.value, undefined));
    if (!crypter) return { [SIGNATURE]: SECRET, plaintext: text };
    value.ciphertext ??= crypter.encrypt(text);
    return { [SIGNATURE]: SECRET, ciphertext: value.ciphertext };
  }
  if (Array.isArray(value)) return value.map((item) => encodeValue(item, crypter));
  return isMap(value) ? mapValues(value, (item) => encodeValue(item, crypter)) : value;
}

function decodeValue(json: unknown, crypter: Crypter): Value {
  if (Array.isArray(json)) return json.map((item) => decodeValue(item, crypter));
  if (typeof json !== "object" || json === null) return json as Value;
  const map = json as Json;
  if (map[SIGNATURE] !== SECRET) return mapValues(map, (item) => decodeValue(item, crypter));
  const ciphertext = map["ciphertext"] as string | undefined;
  const text =
    ciphertext === undefined ? (map["plaintext"] as string) : crypter.decrypt(ciphertext);
  return new Secret(reveal(decodeValue(JSON.parse(text), crypter)), ciphertext);
}

/** `importId` is the only field whose name differs in the file. */
const rename = (key: string) => (key === "importId" ? "importID" : key);
const isEmpty = (value: unknown) =>
  value === false ||
  value === "" ||
  value === null ||
  value === undefined ||
  (typeof value === "object" && Object.keys(value).length === 0);
const valueKeys = new Set(["inputs", "outputs", "replacementTrigger"]);

/** @param crypter without it secrets are written in plain, as `--show-secrets` does */
export function encodeResource(state: ResourceState, crypter: Crypter | undefined): Json {
  const json: Json = { urn: state.urn, custom: state.custom };
  for (const [key, value] of Object.entries(state)) {
    if (isEmpty(value) || key in json) continue;
    json[rename(key)] = valueKeys.has(key) ? encodeValue(value as Value, crypter) : value;
  }
  return json;
}

export function decodeResource(json: Json, crypter: Crypter): ResourceState {
  const state = { ...emptyState, urn: json["urn"], type: json["type"], custom: json["custom"] };
  for (const key of [
    ...Object.keys(emptyState),
    "created",
    "modified",
  ] as (keyof ResourceState)[]) {
    const value = json[rename(key)];
    if (value !== undefined)
      Object.assign(state, { [key]: valueKeys.has(key) ? decodeValue(value, crypter) : value });
  }
  return state as ResourceState;
}

export function encodeSnapshot(
  snapshot: Snapshot,
  crypter: Crypter,
  showSecrets = false,
): StateFile {
  const cipher = showSecrets ? undefined : crypter;
  const { resources, operations } = normalize(snapshot);
  return {
    version: 3,
    deployment: {
      manifest: {
        time: new Date().toISOString(),
        magic: createHash("sha256").update(VERSION).digest("hex"),
        version: VERSION,
      },
      secrets_providers: { type: "passphrase", state: { salt: crypter.salt } },
      resources: resources.map((resource) => encodeResource(resource, cipher)),
      ...(operations.length > 0 && {
        pending_operations: operations.map(({ type, resource }) => ({
          resource: encodeResource(resource, cipher),
          type,
        })),
      }),
      metadata: {},
    },
  };
}

/** @throws Error naming what is not as in a state */
export function stateFileOf(text: string): StateFile {
  const file: unknown = JSON.parse(text);
  const deployment = isObject(file) ? file["deployment"] : undefined;
  if (!isObject(deployment)) throw new Error("it has no deployment");
  for (const key of ["resources", "pending_operations"]) {
    const list = deployment[key] ?? [];
    if (!Array.isArray(list)) throw new Error(`its ${key} are no list`);
    for (const [index, entry] of list.entries()) {
      const resource = key === "resources" ? entry : isObject(entry) && entry["resource"];
      const isOne = isObject(resource) && [resource["urn"], resource["type"]].every(isText);
      if (!isOne) throw new Error(`number ${index + 1} of its ${key} is no resource`);
    }
  }
  return file as unknown as StateFile;
}

const isText = (value: unknown) => typeof value === "string";

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The salt that the state's secrets were encrypted with. @throws Error when it is none of ours */
export function saltOf(file: StateFile): string | undefined {
  if (file.version !== 3) throw new Error(`state version ${file.version} is not supported, only 3`);
  const provider = file.deployment["secrets_providers"] as
    | { type: string; state: { salt: string } }
    | undefined;
  if (provider && provider.type !== "passphrase")
    throw new Error(`the state's secrets provider is "${provider.type}", only "passphrase" works`);
  return provider?.state.salt;
}

export function decodeSnapshot(file: StateFile, crypter: Crypter): Snapshot {
  const list = (key: string) => (file.deployment[key] as Json[] | undefined) ?? [];
  return {
    resources: list("resources").map((json) => decodeResource(json, crypter)),
    operations: list("pending_operations").map((json) => ({
      type: json["type"] as OperationType,
      resource: decodeResource(json["resource"] as Json, crypter),
    })),
  };
}

/** What refers to a resource by the name that it had before it was renamed by an alias, refers to the new one. */
export function normalize(snapshot: Snapshot): Snapshot {
  const renamed = new Map<string, string>();
  for (const { urn, aliases, parent } of snapshot.resources) {
    for (const alias of aliases) renamed.set(alias, urn);
    const newParent = renamed.get(parent);
    if (newParent === undefined) continue;
    const { stack, project, type, name } = parseUrn(urn);
    const parentType = parseUrn(newParent).qualifiedType;
    if (parentType !== ROOT_TYPE) renamed.set(urn, makeUrn(stack, project, parentType, type, name));
  }
  if (renamed.size === 0) return snapshot;
  const fix = (urn: string) => renamed.get(urn) ?? urn;
  return {
    ...snapshot,
    resources: snapshot.resources.map((state) => ({ ...mapUrns(state, fix), aliases: [] })),
  };
}

/** The stack's outputs out of its state. */
export const stackOutputs = (resources: ResourceState[]): PropertyMap =>
  resources.find(({ type, delete: gone }) => type === ROOT_TYPE && !gone)?.outputs ?? {};
