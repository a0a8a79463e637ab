/** Resource hooks: functions of the program that are called before a resource is made or changed, and may refuse it. */
import messages from "@pulumi/pulumi/proto/resource_pb.js";
import { type Callback, Callbacks } from "./callbacks.ts";
import type { Step } from "./step.ts";
import { nameOf } from "./urn.ts";
import { encodeMap } from "./wire.ts";

/** The occasions, as the state names them, by the operation of a step. */
export const BEFORE: Record<string, string> = {
  creating: "BeforeCreate",
  updating: "BeforeUpdate",
};

export class ResourceHooks {
  readonly #hooks = new Map<string, Callback & { onDryRun: boolean }>();
  readonly #callbacks = new Callbacks();

  register(request: messages.RegisterResourceHookRequest): void {
    const name = request.getName();
    const callback = request.getCallback();
    if (!callback) throw new Error(`resource hook ${name} has no callback`);
    if (this.#hooks.has(name))
      throw new Error(`resource hook already registered for name "${name}"`);
    const [target, token] = [callback.getTarget(), callback.getToken()];
    this.#hooks.set(name, { target, token, onDryRun: request.getOnDryRun() });
  }

  /** @throws Error what the first hook that refuses the step says */
  async before(step: Step, dryRun: boolean): Promise<void> {
    for (const name of step.subject.resourceHooks[BEFORE[step.operation ?? ""] ?? ""] ?? []) {
      const hook = this.#hooks.get(name);
      if (!hook) throw new Error(`hook "${name}" was not registered`);
      if (dryRun && !hook.onDryRun) continue;
      const answer = await this.#callbacks.invoke(hook, requestOf(step).serializeBinary());
      const failure = messages.ResourceHookResponse.deserializeBinary(answer).getError();
      if (failure) throw new Error(`before hook "${name}" failed: ${failure}`);
    }
  }

  close(): void {
    this.#callbacks.close();
  }
}

function requestOf({ old, new: next, subject, urn, type, operation }: Step) {
  const request = new messages.ResourceHookRequest();
  request.setUrn(urn);
  request.setId(subject.id);
  request.setName(nameOf(urn));
  request.setType(type);
  if (next) request.setNewInputs(encodeMap(next.inputs));
  if (old && operation === "updating") {
    request.setOldInputs(encodeMap(old.inputs));
    request.setOldOutputs(encodeMap(old.outputs));
  }
  return request;
}
