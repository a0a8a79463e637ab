/** What hooks of every kind have in common: how they are registered, and what they are told of a step. */
import type messages from "@pulumi/pulumi/proto/resource_pb.js";
import type { Callback } from "./callbacks.ts";
import type { Step } from "./step.ts";
import { nameOf } from "./urn.ts";
import { encodeMap } from "./wire.ts";

type Registration = messages.RegisterErrorHookRequest | messages.RegisterResourceHookRequest;

/** Hooks by the names that a program gives them. */
export class HookTable<Hook extends Callback = Callback> {
  readonly #hooks = new Map<string, Hook>();
  readonly #kind: string;

  /** @param kind for messages: `error hook` */
  constructor(kind: string) {
    this.#kind = kind;
  }

  /** @throws Error where the name is taken, or nothing is to be called */
  add(request: Registration, hookOf: (callback: Callback) => Hook): void {
    const name = request.getName();
    const callback = request.getCallback();
    if (!callback) throw new Error(`${this.#kind} ${name} has no callback`);
    if (this.#hooks.has(name))
      throw new Error(`${this.#kind} already registered for name "${name}"`);
    this.#hooks.set(name, hookOf({ target: callback.getTarget(), token: callback.getToken() }));
  }

  get(name: string): Hook | undefined {
    return this.#hooks.get(name);
  }
}

/** Writes into a request which resource a step is of, and its values before and after. */
export function tellOf(
  step: Step,
  request: messages.ErrorHookRequest | messages.ResourceHookRequest,
): void {
  const { old, new: next, subject, urn, type, operation } = step;
  request.setUrn(urn);
  request.setId(subject.id);
  request.setName(nameOf(urn));
  request.setType(type);
  if (next) request.setNewInputs(encodeMap(next.inputs));
  if (old && operation !== "creating") {
    request.setOldInputs(encodeMap(old.inputs));
    request.setOldOutputs(encodeMap(old.outputs));
  }
}
