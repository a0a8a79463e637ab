/** What a rule sees of resources, whether from Pulumi's engine, a state, or a test's recorder. */

/** A value that a preview cannot know: no rule judges it. */
export const UNKNOWN = Symbol("unknown");
/** A value that is marked as a secret: it is nowhere in plain. */
export const SECRET = Symbol("secret");

export interface Resource {
  urn: string;
  /** Pulumi's type token. */
  type: string;
  name: string;
  /** Inputs for a rule of single resources, outputs for one of the stack. */
  props: Record<string, unknown>;
}

export interface Violation {
  urn: string;
  /** What was seen, and what to do. */
  message: string;
}

/** What the stack's file declares, as far as rules ask. */
export interface Declared {
  environment: string;
  /** Whether the environment may use Let's Encrypt's production directory. */
  production: boolean;
  /** By name of an attachment, `<domain or shared load balancer>-<network>`, the network's name. */
  attachments: Map<string, string>;
}

/** What whoever runs the pack sets, in the file of `--policy-pack-config`. */
export interface Options {
  /** Ids of the only networks that may be attached. @default any that the stack's file names */
  networks?: string[];
  /** The only environments that may use Let's Encrypt's production directory. @default those that the stack's file allows */
  environments?: string[];
}

export interface Rule {
  name: string;
  description: string;
  /** One at a time and before it is made, or all of the stack when they are. */
  looksAt: "resource" | "stack";
  /** Whether it judges by the marks of secrets. */
  byMarks?: true;
  /** What of {@link Options} it takes. */
  option?: keyof Options;
  /** @param declared only asked where it matters, since a stack's file may be faulty */
  violations(resources: Resource[], declared: () => Declared, options: Options): Violation[];
}

/** The value at a path: UNKNOWN below an unknown one, undefined where there is none. */
export function at(value: unknown, ...path: string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined || value === UNKNOWN || value === SECRET) return value;
  if (typeof value !== "object" || value === null) return undefined;
  return at((value as Record<string, unknown>)[key], ...rest);
}

/** Each item of a list; an unknown or missing list has none. */
export const items = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Whether there is something, and not the empty value of its kind. */
export function isGiven(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== "" && value !== false;
}

/** For messages. */
export function shown(value: unknown): string {
  if (typeof value === "symbol") return `a value that is ${value.description}`;
  return value === undefined ? "nothing" : JSON.stringify(value);
}
