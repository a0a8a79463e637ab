/** Dynamic resources: the unmodified process `@pulumi/pulumi/cmd/dynamic-provider` behind the engine's provider contract. */
import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { type NodeProcess, startNode } from "./child.ts";
import type { EngineDiff, EngineProvider } from "./plugin.ts";
import {
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type InvokeRequest,
  PartialFailure,
  type Props,
  type ReadRequest,
  type UpdateRequest,
} from "./provider.ts";
import { nameOf } from "./urn.ts";
import { toStruct } from "./wire.ts";

export const DYNAMIC_PACKAGE = "pulumi-nodejs";

export interface DynamicProviderOptions {
  script: string;
  /** The project's folder. */
  cwd: string;
  env: Record<string, string | undefined>;
  /** Flags of V8. @default its own */
  heap?: string[];
  engineAddress: string;
  onLine: (line: string, stream: "stdout" | "stderr") => void;
}

interface Message {
  setUrn(urn: string): unknown;
  setName(name: string): unknown;
  setType(type: string): unknown;
}

/** Every request says which resource it is about. */
function about<M extends Message>(message: M, { urn, type }: { urn: string; type: string }): M {
  message.setUrn(urn);
  message.setName(nameOf(urn));
  message.setType(type);
  return message;
}

const props = (struct: { toJavaScript(): unknown } | undefined): Props =>
  (struct?.toJavaScript() ?? {}) as Props;

export class DynamicProvider implements EngineProvider {
  readonly #options: DynamicProviderOptions;
  #config: Props = {};
  #process: NodeProcess | undefined;
  #client: Promise<services.ResourceProviderClient> | undefined;

  constructor(options: DynamicProviderOptions) {
    this.#options = options;
  }

  /** Starts the process, and leaves it to the first call to wait for it. */
  async configure(config: Props): Promise<void> {
    this.#config = config;
    this.#client = this.#start();
    this.#client.catch(() => {});
  }

  async check(request: CheckRequest): Promise<CheckResult> {
    const message = about(new messages.CheckRequest(), request);
    message.setOlds(toStruct(request.oldInputs ?? {}));
    message.setNews(toStruct(request.inputs));
    const answer = await this.#call<messages.CheckResponse>((client, done) =>
      client.check(message, done),
    );
    const failures = answer
      .getFailuresList()
      .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
    return { inputs: props(answer.getInputs()), failures };
  }

  /** `changes` is undefined when the provider leaves it to the engine; it never says which properties changed. */
  async diff(request: DiffRequest): Promise<EngineDiff> {
    const message = about(new messages.DiffRequest(), request);
    message.setId(request.id);
    message.setOldInputs(toStruct(request.oldInputs));
    message.setOlds(toStruct(request.oldOutputs));
    message.setNews(toStruct(request.inputs));
    const answer = await this.#call<messages.DiffResponse>((client, done) =>
      client.diff(message, done),
    );
    const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
    const changes = answer.getChanges();
    return {
      changes: changes === DIFF_SOME ? true : changes === DIFF_NONE ? false : undefined,
      replaces: answer.getReplacesList(),
      changed: answer.getDiffsList(),
      deleteBeforeReplace: answer.getDeletebeforereplace(),
    };
  }

  async create(request: CreateRequest): Promise<{ id: string; outputs: Props }> {
    const message = about(new messages.CreateRequest(), request);
    message.setProperties(toStruct(request.inputs));
    const answer = await this.#call<messages.CreateResponse>((client, done) =>
      client.create(message, done),
    );
    return { id: answer.getId(), outputs: props(answer.getProperties()) };
  }

  async update(request: UpdateRequest): Promise<Props> {
    const message = about(new messages.UpdateRequest(), request);
    message.setId(request.id);
    message.setOldInputs(toStruct(request.oldInputs));
    message.setOlds(toStruct(request.oldOutputs));
    message.setNews(toStruct(request.inputs));
    const answer = await this.#call<messages.UpdateResponse>((client, done) =>
      client.update(message, done),
    );
    return props(answer.getProperties());
  }

  async read(request: ReadRequest) {
    const message = about(new messages.ReadRequest(), request);
    message.setId(request.id);
    message.setProperties(toStruct(request.oldOutputs ?? {}));
    if (request.oldInputs) message.setInputs(toStruct(request.oldInputs));
    const answer = await this.#call<messages.ReadResponse>((client, done) =>
      client.read(message, done),
    );
    if (!answer.getId()) return undefined;
    const inputs = answer.getInputs();
    return {
      id: answer.getId(),
      outputs: props(answer.getProperties()),
      inputs: inputs && props(inputs),
    };
  }

  async delete(request: DeleteRequest): Promise<void> {
    const message = about(new messages.DeleteRequest(), request);
    message.setId(request.id);
    message.setOldInputs(toStruct(request.oldInputs));
    message.setProperties(toStruct(request.oldOutputs));
    await this.#call((client, done) => client.delete(message, done));
  }

  async invoke(request: InvokeRequest): Promise<Props> {
    throw new Error(`unknown function ${request.token}: a dynamic provider has none`);
  }

  cancel(): void {
    const asked = this.#call((client, done) => client.cancel(new empty.Empty(), done));
    // One that is gone is cancelled.
    asked.catch(() => {});
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    client?.close();
    await this.#process?.end();
  }

  async #call<Answer>(
    call: (
      client: services.ResourceProviderClient,
      done: (error: grpc.ServiceError | null, answer: Answer) => void,
    ) => void,
  ): Promise<Answer> {
    if (!this.#client) throw new Error("the dynamic provider was not configured");
    const client = await this.#client;
    return new Promise((resolve, reject) =>
      call(client, (error, answer) => (error ? reject(asError(error)) : resolve(answer))),
    );
  }

  async #start(): Promise<services.ResourceProviderClient> {
    const { script, heap, cwd, env, engineAddress, onLine } = this.#options;
    let onPort: (port: string) => void = () => {};
    const port = new Promise<string>((resolve) => {
      onPort = resolve;
    });
    let started = false;
    this.#process = startNode({
      arguments: [script, engineAddress],
      ...(heap && { heap }),
      cwd,
      env,
      onLine: (line, stream) => {
        if (started || stream === "stderr") return onLine(line, stream);
        started = true;
        onPort(line.trim());
      },
    });
    const ended = this.#process.exited.then(({ code, signal }) => {
      throw new Error(`the dynamic provider ended (${signal ?? `exit code ${code}`}) at its start`);
    });
    const address = `127.0.0.1:${await Promise.race([port, ended])}`;
    ended.catch(() => {});
    const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
    const client = new services.ResourceProviderClient(
      address,
      grpc.credentials.createInsecure(),
      unlimited,
    );
    const message = new messages.ConfigureRequest();
    message.setArgs(toStruct(this.#config));
    message.setAcceptsecrets(true);
    message.setAcceptresources(true);
    await new Promise<void>((resolve, reject) =>
      client.configure(message, (error) => (error ? reject(asError(error)) : resolve())),
    );
    return client;
  }
}

/** A resource that came to be before the call failed is told in the details of the gRPC status. */
function asError(error: grpc.ServiceError): Error {
  for (const bytes of error.metadata?.get("grpc-status-details-bin") ?? []) {
    const details = status.Status.deserializeBinary(bytes as Buffer).getDetailsList();
    for (const detail of details) {
      if (!detail.getTypeUrl().endsWith("pulumirpc.ErrorResourceInitFailed")) continue;
      const failed = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
      const outputs = props(failed.getProperties());
      return new PartialFailure(failed.getId(), outputs, failed.getReasonsList());
    }
  }
  if (error.code === grpc.status.UNAVAILABLE)
    return new Error(`the dynamic provider's process is gone: ${error.details}`);
  return new Error(error.details || error.message);
}
