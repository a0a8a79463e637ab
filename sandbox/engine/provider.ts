/**
 * What the local engine asks of a resource provider. The same calls as Pulumi's own provider protocol
 * (https://www.pulumi.com/docs/iac/concepts/providers/), as plain objects: an adapter in `sandbox/adapters`
 * implements it in this process, and the dynamic provider process is wrapped into it.
 */

/** Stands for a value that a preview cannot know yet; Pulumi's own sentinel, so that it survives JSON. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Properties as a provider sees them: JSON values, secrets unwrapped, `UNKNOWN` where not known. */
export type Props = Record<string, unknown>;

export interface CheckFailure {
  property: string;
  reason: string;
}

export interface CheckRequest {
  urn: string;
  type: string;
  name: string;
  /** The inputs that the state holds, absent when the resource is new. */
  oldInputs?: Props | undefined;
  inputs: Props;
}

export interface CheckResult {
  inputs: Props;
  failures: CheckFailure[];
}

export interface DiffRequest {
  urn: string;
  type: string;
  id: string;
  oldInputs: Props;
  oldOutputs: Props;
  /** Checked new inputs, `ignoreChanges` already applied by the engine. */
  inputs: Props;
}

export interface DiffResult {
  changes: boolean;
  /** Property paths that cannot change in place. */
  replaces: string[];
  deleteBeforeReplace?: boolean;
  /** Property paths that change, for the preview; the engine computes its own when absent. */
  changed?: string[];
}

export interface CreateRequest {
  urn: string;
  type: string;
  inputs: Props;
}

export interface UpdateRequest {
  urn: string;
  type: string;
  id: string;
  oldInputs: Props;
  oldOutputs: Props;
  inputs: Props;
}

export interface ReadRequest {
  urn: string;
  type: string;
  id: string;
  /** Absent in an import or a `.get()`. */
  oldInputs?: Props | undefined;
  oldOutputs?: Props | undefined;
}

export interface DeleteRequest {
  urn: string;
  type: string;
  id: string;
  oldInputs: Props;
  oldOutputs: Props;
}

export interface InvokeRequest {
  token: string;
  args: Props;
}

export interface Provider {
  /**
   * Properties of the configuration by whose change it is another provider, so that it is replaced with every
   * resource of it. Asked before `configure`; without it there are none.
   */
  diffConfig?(old: Props, config: Props): string[];
  /**
   * Takes the configuration of a provider resource (`pulumi:providers:<package>`) or, for a default
   * provider, what the environment says. Called once, before anything but `diffConfig`.
   */
  configure(config: Props): Promise<void>;
  check(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<DiffResult>;
  create(request: CreateRequest): Promise<{ id: string; outputs: Props }>;
  /**
   * What a create or update would give, in a preview: known outputs, `UNKNOWN` for the others.
   * Without it the engine takes the inputs as the outputs, and all others are unknown.
   */
  preview?(request: CreateRequest | UpdateRequest): Promise<Props>;
  update(request: UpdateRequest): Promise<Props>;
  /** `undefined` when the resource is gone. Inputs that are returned become the old inputs. */
  read(
    request: ReadRequest,
  ): Promise<{ id: string; outputs: Props; inputs?: Props | undefined } | undefined>;
  /** Idempotent: what is gone already counts as deleted. */
  delete(request: DeleteRequest): Promise<void>;
  invoke(request: InvokeRequest): Promise<Props>;
  /** Names of the outputs of this type that are secret whatever the program says. */
  secretOutputs?(type: string): string[];
  /** The run is cancelled: what goes on may be abandoned. */
  cancel?(): void;
  close?(): Promise<void>;
}

/** Create or update failed after the resource came to be: it is saved with these outputs. */
export class PartialFailure extends Error {
  readonly id: string;
  readonly outputs: Props;
  readonly reasons: string[];
  constructor(id: string, outputs: Props, reasons: string[]) {
    super(reasons.join("; "));
    this.name = "PartialFailure";
    this.id = id;
    this.outputs = outputs;
    this.reasons = reasons;
  }
}
