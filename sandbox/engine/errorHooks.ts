/** Error hooks: functions of the program that are called when a step fails. Their wish to try again is not followed. */
import messages from "@pulumi/pulumi/proto/resource_pb.js";
import { type Callback, Callbacks } from "./callbacks.ts";
import { HookTable, tellOf } from "./hookTable.ts";
import { InitError } from "./plugin.ts";
import type { Step } from "./step.ts";
import { Unsupported } from "./wire.ts";

export const ON_ERROR = "OnError";

const OPERATIONS: Record<string, string> = {
  creating: "create",
  updating: "update",
  deleting: "delete",
};

export class ErrorHooks {
  readonly #hooks = new HookTable("error hook");
  readonly #callbacks = new Callbacks();

  register(request: messages.RegisterErrorHookRequest): void {
    this.#hooks.add(request, (callback) => callback);
  }

  /** @returns the error to report: the step's own, or that of a hook that failed in a step which left nothing behind */
  async run(step: Step, error: Error): Promise<Error> {
    const operation = step.touchesCloud ? OPERATIONS[step.operation ?? ""] : undefined;
    for (const name of operation ? (step.subject.resourceHooks[ON_ERROR] ?? []) : []) {
      const hook = this.#hooks.get(name);
      // Those of a resource that only the state knows are registered by no program.
      if (!hook) continue;
      const request = requestOf(step, operation ?? "", error);
      const failure = await this.#call(hook, request).catch((thrown: Error) => thrown.message);
      if (failure && operation !== "delete" && !(error instanceof InitError))
        return new Error(`error hooks execution failed: error hook "${name}" failed: ${failure}`);
    }
    return error;
  }

  close(): void {
    this.#callbacks.close();
  }

  /** @returns what the hook failed with, if it did */
  async #call(hook: Callback, request: messages.ErrorHookRequest): Promise<string> {
    const answer = await this.#callbacks.invoke(hook, request.serializeBinary());
    const response = messages.ErrorHookResponse.deserializeBinary(answer);
    if (response.getRetry()) throw new Unsupported("trying again at the wish of an error hook");
    return response.getError();
  }
}

function requestOf(step: Step, operation: string, error: Error): messages.ErrorHookRequest {
  const request = new messages.ErrorHookRequest();
  tellOf(step, request);
  request.setFailedOperation(operation);
  request.setErrorsList([error.message]);
  return request;
}
