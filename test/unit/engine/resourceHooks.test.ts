/** Hooks before a change, as the engine calls them, with a Callbacks service in the program's place. */
import messages from "@pulumi/pulumi/proto/resource_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ResourceHooks } from "../../../sandbox/engine/resourceHooks.ts";
import { emptyState } from "../../../sandbox/engine/state.ts";
import type { Step } from "../../../sandbox/engine/step.ts";
import { type CallbacksService, startCallbacks } from "./callbacksService.ts";

const NAME = "look";
const hooks = new ResourceHooks();
let program: CallbacksService;
let refusal = "";

beforeAll(async () => {
  program = await startCallbacks(() => {
    const answer = new messages.ResourceHookResponse();
    answer.setError(refusal);
    return answer.serializeBinary();
  });
  const request = new messages.RegisterResourceHookRequest();
  request.setName(NAME);
  request.setCallback(program.callback);
  hooks.register(request);
  expect(() => hooks.register(request)).toThrow("already registered");
});
afterAll(() => {
  hooks.close();
  program.close();
});

function stepOf(operation: string, names = [NAME]): Step {
  const urn = "urn:pulumi:s::p::pkg:m:T::it";
  const state = { ...emptyState, urn, type: "pkg:m:T" };
  const old = { ...state, inputs: { key: "old" }, outputs: { key: "was" } };
  const resourceHooks = { BeforeCreate: names, BeforeUpdate: names };
  const next = { ...state, inputs: { key: "new" }, resourceHooks };
  return { old, new: next, subject: next, urn, type: "pkg:m:T", operation } as never;
}

async function run(operation: string, { dryRun = false, names = [NAME], says = "" } = {}) {
  refusal = says;
  const error = await hooks.before(stepOf(operation, names), dryRun).then(
    () => undefined,
    ({ message }: Error) => message,
  );
  const heard = program
    .take()
    .map((bytes) => messages.ResourceHookRequest.deserializeBinary(bytes));
  return { error, heard };
}

test("a hook is told what is about to change", async () => {
  const { error, heard } = await run("updating");
  expect(error).toBeUndefined();
  expect(heard).toHaveLength(1);
  expect(heard[0]?.getName()).toBe("it");
  expect(heard[0]?.getNewInputs()?.toJavaScript()).toEqual({ key: "new" });
  expect(heard[0]?.getOldInputs()?.toJavaScript()).toEqual({ key: "old" });
  expect(heard[0]?.getOldOutputs()?.toJavaScript()).toEqual({ key: "was" });
});

test("what is made anew has nothing old", async () => {
  const { heard } = await run("creating");
  expect(heard[0]?.hasOldInputs()).toBe(false);
});

test("a hook that refuses fails the step with its words", async () => {
  const { error } = await run("creating", { says: "not now" });
  expect(error).toBe(`before hook "${NAME}" failed: not now`);
});

test.each([
  ["a preview", "updating", { dryRun: true }],
  ["a deletion", "deleting", {}],
])("%s asks none", async (_, operation, options) => {
  expect(await run(operation, { ...options, says: "never" })).toEqual({
    error: undefined,
    heard: [],
  });
});

test("one that the program has not registered is named", async () => {
  const { error } = await run("updating", { names: ["of another time"] });
  expect(error).toBe('hook "of another time" was not registered');
});
