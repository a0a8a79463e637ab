/** The shape of `recorded.json`: what was asked of the real engine, and what was seen. */

export type Call = "check" | "diff" | "create" | "update" | "read" | "delete";

export interface ResourceSpec {
  name: string;
  kind?: "thing" | "group";
  /** Another type name than the kind's. */
  type?: string;
  /** Declared a second time under the same name. */
  twice?: boolean;
  props?: Record<string, unknown>;
  /** An input taken from another resource's output: property, or `property.key.0` within it, to `name.output`. */
  from?: Record<string, string>;
  /** Properties, or what is within them, that are passed as secrets. */
  secret?: string[];
  /** Resource options; resources by name. */
  opts?: Record<string, unknown>;
}

/** How the provider is to answer, by the resources' labels. */
export interface Control {
  fail?: Partial<Record<Call, string[]>>;
  /** Creations and updates that fail after the resource came to be. */
  partial?: string[];
  /** Such failures keep what later calls need to reach the provider. */
  whole?: boolean;
  /** Diff says that they change whatever their inputs are, as by a clock. */
  due?: string[];
  /** Diff leaves to the engine whether they change. */
  undecided?: string[];
  /** What a read finds: nothing, or these properties instead of the state's. */
  read?: Record<string, "gone" | Record<string, unknown>>;
}

/** Resources and control carry over to the next step until they are changed. */
export interface StepSpec {
  run: "up" | "preview" | "refresh" | "destroy";
  args?: string[];
  resources?: ResourceSpec[];
  exports?: Record<string, string>;
  throw?: string;
  /** Thrown before anything is declared. */
  throwFirst?: string;
  control?: Control;
}

export interface SeenResource {
  name: string;
  id?: string;
  delete?: true;
  [field: string]: unknown;
}

export interface Seen {
  ok: boolean;
  errors?: string[];
  ops: string[];
  summary?: Record<string, number>;
  calls: ({ call: Call; label: string } & Record<string, unknown>)[];
  state: SeenResource[];
  stackOutputs?: Record<string, unknown>;
  pendingOperations?: string[];
}

export type RecordedStep = StepSpec & Seen;

export interface Recording {
  /** Versions that were recorded. */
  engine: string;
  /** ISO date */
  recorded: string;
  scenarios: Record<string, RecordedStep[]>;
}
