/** Error hooks as the engine calls them, with a Callbacks service in the program's place. */
import messages from "@pulumi/pulumi/proto/resource_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ErrorHooks, ON_ERROR } from "../../../sandbox/engine/errorHooks.ts";
import { InitError } from "../../../sandbox/engine/plugin.ts";
import { emptyState } from "../../../sandbox/engine/state.ts";
import type { Step } from "../../../sandbox/engine/step.ts";
import { type CallbacksService, startCallbacks } from "./callbacksService.ts";

const NAME = "advice";
const hooks = new ErrorHooks();
let program: CallbacksService;
let heard: messages.ErrorHookRequest[] = [];
let answer = new messages.ErrorHookResponse();

beforeAll(async () => {
  program = await startCallbacks(() => answer.serializeBinary());
  const request = new messages.RegisterErrorHookRequest();
  request.setName(NAME);
  request.setCallback(program.callback);
  hooks.register(request);
  expect(() => hooks.register(request)).toThrow("already registered");
});
afterAll(() => {
  hooks.close();
  program.close();
});

/** A step that failed, with these hooks. */
function failed(operation: string, names = [NAME]): Step {
  const urn = "urn:pulumi:s::p::pkg:m:T::it";
  const state = { ...emptyState, urn, type: "pkg:m:T", inputs: { key: "value" } };
  const subject = { ...state, resourceHooks: { [ON_ERROR]: names } };
  const isDelete = operation === "deleting";
  const sides = isDelete ? { old: subject, new: undefined } : { old: undefined, new: subject };
  return { ...sides, subject, urn, type: "pkg:m:T", operation, touchesCloud: true } as never;
}

async function run(
  step: Step,
  says: { error?: string; retry?: boolean } = {},
  error = new Error("no"),
) {
  answer = new messages.ErrorHookResponse();
  answer.setError(says.error ?? "");
  answer.setRetry(says.retry ?? false);
  const reported = await hooks.run(step, error);
  heard = program.take().map((bytes) => messages.ErrorHookRequest.deserializeBinary(bytes));
  return reported;
}

test("a hook is told what failed, and the error stays", async () => {
  expect((await run(failed("creating"))).message).toBe("no");
  expect(heard).toHaveLength(1);
  const [request] = heard;
  expect(request?.getName()).toBe("it");
  expect(request?.getFailedOperation()).toBe("create");
  expect(request?.getErrorsList()).toEqual(["no"]);
  expect(request?.getNewInputs()?.toJavaScript()).toEqual({ key: "value" });
});

test.each<[string, string, Error, string]>([
  ["a creation takes its error", "creating", new Error("no"), `error hook "${NAME}" failed: oh`],
  ["a deletion keeps its own", "deleting", new Error("no"), "no"],
  [
    "a creation that left something behind keeps its own",
    "creating",
    new InitError({ id: "id", outputs: {}, initErrors: ["late"] }),
    "late",
  ],
])("where the hook fails, %s", async (_, operation, error, expected) => {
  expect((await run(failed(operation), { error: "oh" }, error)).message).toContain(expected);
});

test("a wish to try again is refused by name", async () => {
  expect((await run(failed("updating"), { retry: true })).message).toContain("trying again");
});

test("a hook that no program has registered is passed over", async () => {
  expect((await run(failed("deleting", ["of another time"]))).message).toBe("no");
  expect(heard).toEqual([]);
});
