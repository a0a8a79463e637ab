/** `Pulumi.yaml` and `Pulumi.<stack>.yaml`: https://www.pulumi.com/docs/iac/concepts/projects/project-file/ */
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { MANY_ALIASES } from "../../config/yamlAliases.ts";
import { Unsupported } from "./wire.ts";

interface ConfigType {
  type?: "string" | "boolean" | "integer" | "array" | "object";
  items?: ConfigType;
  default?: unknown;
  value?: unknown;
  secret?: boolean;
}

interface ProjectFile {
  name: string;
  main?: string;
  runtime: string | { name: string; options?: Record<string, unknown> };
  config?: Record<string, unknown>;
}

export interface Project {
  name: string;
  /** Folder of Pulumi.yaml. */
  root: string;
  /** Folder that the program and the dynamic providers run in. */
  directory: string;
  entry: string;
  typescript: boolean;
  nodeArguments: string[];
  config: Record<string, ConfigType | null>;
}

export interface StackConfig {
  /** `project:key` to the text that the program gets; objects and lists as JSON. */
  values: Record<string, string>;
  secretKeys: string[];
}

export function readProject(root: string): Project {
  const file = path.join(root, "Pulumi.yaml");
  if (!fs.existsSync(file)) throw new Error(`there is no ${file}`);
  const project = readYaml(file) as ProjectFile;
  const runtime =
    typeof project.runtime === "string" ? { name: project.runtime } : (project.runtime ?? {});
  if (!project.name) throw new Error(`${file}: name is missing`);
  if (runtime.name !== "nodejs") throw new Unsupported(`the runtime "${runtime.name}"`);
  const options = runtime.options ?? {};
  const config: Project["config"] = {};
  for (const [key, declared] of Object.entries(project.config ?? {}))
    config[qualify(project.name, key)] = configType(declared);
  return {
    name: project.name,
    root,
    ...locate(root, project.main),
    typescript: options["typescript"] !== false,
    nodeArguments: String(options["nodeargs"] ?? "")
      .split(/\s+/)
      .filter(Boolean),
    config,
  };
}

/** @throws Error that names the file, beside line and column of the fault */
function readYaml(file: string): unknown {
  try {
    return parse(fs.readFileSync(file, "utf8"), MANY_ALIASES);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message.trimEnd()}`);
  }
}

function locate(root: string, main: string | undefined): { directory: string; entry: string } {
  if (!main) return { directory: root, entry: "." };
  const target = path.resolve(root, main);
  if (fs.existsSync(target) && fs.statSync(target).isDirectory())
    return { directory: target, entry: "." };
  return { directory: path.dirname(target), entry: path.basename(target) };
}

/** A type with its default, or, in the short form, the value itself. */
function configType(declared: unknown): ConfigType | null {
  const isType =
    typeof declared === "object" &&
    declared !== null &&
    ["type", "default", "value", "secret", "description", "items"].some((key) => key in declared);
  if (isType) return declared as ConfigType;
  return declared === null ? null : { default: declared };
}

/** `ns:config:key` is an older form of `ns:key`. */
function qualify(namespace: string, key: string): string {
  const [ns, middle, ...rest] = key.split(":");
  if (middle === undefined) return `${namespace}:${key}`;
  return middle === "config" && rest.length > 0 ? `${ns}:${rest.join(":")}` : key;
}

interface StackFile {
  config: Record<string, unknown>;
  salt: string | undefined;
}

/** @param file the stack's file. @default `Pulumi.<stack>.yaml` of the project */
export function readStackFile(
  project: Project,
  stack: string,
  file = path.join(project.root, `Pulumi.${stack}.yaml`),
): StackFile {
  if (!fs.existsSync(file)) return { config: {}, salt: undefined };
  const content = (readYaml(file) ?? {}) as Record<string, unknown>;
  const config: Record<string, unknown> = {};
  for (const [key, value] of Object.entries((content["config"] as object | undefined) ?? {}))
    config[qualify(project.name, key)] = value;
  return { config, salt: content["encryptionsalt"] as string | undefined };
}

/** Whether any value is encrypted, so that the passphrase is needed before the program can start. */
export const hasSecureValues = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (isSecure(value) || Object.values(value).some(hasSecureValues));

const isSecure = (value: object): value is { secure: string } =>
  "secure" in value && typeof value.secure === "string" && Object.keys(value).length === 1;

function decryptValue(value: unknown, decrypt: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => decryptValue(item, decrypt));
  if (typeof value !== "object" || value === null) return value;
  if (isSecure(value)) return decrypt(value.secure);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, decryptValue(item, decrypt)]),
  );
}

const toText = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");

/**
 * The stack's configuration with the project's defaults, as the program gets it.
 * @throws Error that names every key that is missing or of the wrong type
 */
export function resolveConfig(
  project: Project,
  stack: string,
  config: Record<string, unknown>,
  decrypt: (text: string) => string,
): StackConfig {
  const values: Record<string, string> = {};
  const secretKeys: string[] = [];
  const faults: string[] = [];
  for (const [key, raw] of Object.entries(config)) {
    const value = decryptValue(raw, decrypt);
    values[key] = toText(value);
    if (hasSecureValues(raw)) secretKeys.push(key);
  }
  for (const [key, declared] of Object.entries(project.config).sort()) {
    const fallback = declared?.default ?? declared?.value;
    if (!(key in config) && fallback === undefined) {
      if (key.startsWith(`${project.name}:`)) faults.push(`${key} is missing`);
      continue;
    }
    values[key] ??= toText(fallback);
    if (key in config && declared?.secret && !secretKeys.includes(key))
      faults.push(`${key} must be encrypted, as it is secret`);
    const value = decryptValue(config[key] ?? fallback, decrypt);
    // At the top level everything but lists and objects is text, whatever YAML makes of it.
    const seen = typeof value === "object" ? value : toText(value);
    if (declared?.type && !isOfType(declared, seen))
      faults.push(`${key} must be of type ${typeName(declared)}`);
  }
  if (faults.length > 0)
    for (const key of Object.keys(config))
      if (key.startsWith(`${project.name}:`) && !(key in project.config))
        faults.push(`${key} is not declared in Pulumi.yaml`);
  if (faults.length > 0)
    throw new Error(`configuration of stack ${stack}: ${faults.join("; ")} (Pulumi.${stack}.yaml)`);
  return { values, secretKeys };
}

const typeName = (type: ConfigType): string =>
  type.type === "array" && type.items ? `array<${typeName(type.items)}>` : String(type.type);

/** Numbers and booleans may be written as text. */
function isOfType(type: ConfigType, value: unknown): boolean {
  switch (type.type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value) || (typeof value === "string" && /^[+-]?\d+$/.test(value));
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "array":
      return (
        Array.isArray(value) && value.every((item) => !type.items || isOfType(type.items, item))
      );
    default:
      return typeof value === "object" && value !== null && !Array.isArray(value);
  }
}
