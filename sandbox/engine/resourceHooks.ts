/** Resource hooks: functions of the program that are called before a resource is made or changed, and may refuse it. */
import messages from "@pulumi/pulumi/proto/resource_pb.js";
import { type Callback, Callbacks } from "./callbacks.ts";
import { HookTable, tellOf } from "./hookTable.ts";
import type { Step } from "./step.ts";

/** The occasions, as the state names them, by the operation of a step. */
const BEFORE: Record<string, string> = {
  creating: "BeforeCreate",
  updating: "BeforeUpdate",
};

export class ResourceHooks {
  readonly #hooks = new HookTable<Callback & { onDryRun: boolean }>("resource hook");
  readonly #callbacks = new Callbacks();

  register(request: messages.RegisterResourceHookRequest): void {
    const onDryRun = request.getOnDryRun();
    this.#hooks.add(request, (callback) => ({ ...callback, onDryRun }));
  }

  /** @throws Error what the first hook that refuses the step says */
  async before(step: Step, dryRun: boolean): Promise<void> {
    for (const name of step.subject.resourceHooks[BEFORE[step.operation ?? ""] ?? ""] ?? []) {
      const hook = this.#hooks.get(name);
      if (!hook) throw new Error(`hook "${name}" was not registered`);
      if (dryRun && !hook.onDryRun) continue;
      const request = new messages.ResourceHookRequest();
      tellOf(step, request);
      const answer = await this.#callbacks.invoke(hook, request.serializeBinary());
      const failure = messages.ResourceHookResponse.deserializeBinary(answer).getError();
      if (failure) throw new Error(`before hook "${name}" failed: ${failure}`);
    }
  }

  close(): void {
    this.#callbacks.close();
  }
}
