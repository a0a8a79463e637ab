/**
 * What a bridged plugin (Terraform provider behind Pulumi's bridge) knows of a resource type, as data. The generic
 * provider in `bridged.ts` interprets it: check, diff, replacement, defaults, auto-naming.
 */
import type { Props } from "../engine/provider.ts";

export type Kind = "string" | "number" | "boolean" | "strings" | "object" | "objects";

export interface Field {
  kind: Kind;
  /**
   * What a changed input does. `replace` is Terraform's ForceNew or RequiresReplace. `ignored`: the plugin announces an
   * update, and its update then changes nothing at the vendor. `computed` is an output only, never an input.
   */
  change: "update" | "replace" | "ignored" | "computed";
  required?: true;
  /** Optional and computed: leaving it out means "as it is", so that dropping it is no change. */
  filled?: true;
  /** Terraform's default. */
  default?: string | number | boolean;
  /** The bridge makes a name of the resource's own when the program gives none. */
  autoName?: true;
  secret?: true;
  conflictsWith?: string[];
  /** Terraform's DiffSuppressFunc: true when the two mean the same. */
  same?: (before: unknown, after: unknown) => boolean;
  /** The values that are allowed. */
  oneOf?: readonly string[];
  /** Properties of `object` and of each of `objects`. */
  fields?: Fields;
}

export type Fields = Record<string, Field>;

/** What a plan says beyond the table: further properties that force a replacement. Throws what the plugin refuses. */
export type PlanHook<Api> = (api: Api, before: Props | undefined, after: Props) => string[];

export interface ResourceType<Api> {
  /** Pulumi type token. */
  token: string;
  fields: Fields;
  /**
   * Which of Terraform's two toolkits the plugin uses. `sdk`: zero values equal absent ones, defaults are written into
   * the inputs, and a name given by the program asks for delete-before-replace. `framework`: none of these.
   */
  toolkit: "sdk" | "framework";
  plan?: PlanHook<Api>;
  /** Outputs that an update leaves unknown in a preview. */
  unstable?: string[];
  /**
   * Creates, calls `created` with the id as soon as the thing exists, and gives the outputs. A failure after that call
   * leaves a partly initialised resource, as in Terraform.
   */
  create(api: Api, inputs: Props, created: (id: string) => void): Promise<Props>;
  /** Outputs, laid over `state` (what was known before); `undefined` when gone. `state` is empty in an import. */
  read(api: Api, id: string, state: Props): Promise<Props | undefined>;
  /** Absent: nothing can change in place. */
  update?(api: Api, change: Update): Promise<Props>;
  delete(api: Api, id: string, outputs: Props): Promise<void>;
}

export interface Update {
  id: string;
  before: Props;
  /** The state that is wanted: old outputs with the new inputs over them. */
  planned: Props;
  /** Whether this top-level property changes. */
  changes(property: string): boolean;
}

/** Names of the outputs that hold a secret. */
export function secretsOf(fields: Fields): string[] {
  return Object.keys(fields).filter((key) => holdsSecret(fields[key] as Field));
}

function holdsSecret(field: Field): boolean {
  return field.secret === true || Object.values(field.fields ?? {}).some(holdsSecret);
}
