import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { EXIT, renew } from "../../operate/renew.ts";
import { deployedEndpoints } from "../../sandbox/world/deployed.ts";
import { succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

vi.setConfig({ testTimeout: 240_000 });

let stage: Stage;
let stack: Stack;
beforeAll(async () => {
  stage = await startStage();
  stack = stage.stack();
});
afterAll(() => stage.close());

const set = (key: string, value: unknown) =>
  stack.configure((settings) => {
    settings[`private-lb:${key}`] = value;
  });
const serials = async () => {
  const endpoints = await deployedEndpoints(stack.runner);
  return new Map(endpoints.map(({ domain, serial }) => [domain, serial]));
};

test("a bounded run makes the first endpoints, and a later one the others beside renewals", async () => {
  const [a, b, c] = ["a", "b", "c"].map((label) => stack.domain(label));
  for (const label of ["a", "b", "c"]) stack.declare(label);
  set("maxIssuancesPerRun", 2);
  const first = await succeed(stack.runner.up());
  const before = await serials();
  expect([...before.keys()]).toEqual([a, b]);
  const said = first.diagnostics.map(({ message }) => message).join();
  expect(said).toContain(`not made in this run: ${c} (run 2 of 2)`);

  // What waits for a person's `up` keeps no renewal from the schedule.
  const renewal = await renew(stack.runner, { stack: "staging" });
  expect(renewal).toMatchObject({ outcome: "nothing due", exitCode: EXIT.done });
  expect(renewal.warnings.join()).toContain(c);

  stack.configure((settings) => {
    for (const endpoint of settings["private-lb:endpoints"]) endpoint["renewalTrigger"] = "all";
  });
  await succeed(stack.runner.up());
  const after = await serials();
  expect([...after.keys()]).toEqual([a, b, c]);
  const renewed = [a, b].filter((domain = "") => after.get(domain) !== before.get(domain));
  expect(renewed).toHaveLength(1);
});

test("a plan that the authority's week cannot hold is refused before anything is made", async () => {
  const mark = stage.world.log.calls.length;
  for (const label of ["d", "e", "f"]) stack.declare(label);
  set("maxIssuancesPerRun", 0);
  set("issuancesPerWeek", 5);
  const { ok, errors } = await stack.runner.up();
  expect(ok).toBe(false);
  expect(errors.join()).toContain(
    "3 first certificates under example.net beside the 3 of the last 7 days need 2 weeks at the authority's 5 per week",
  );
  const writes = stage.world.log.calls.slice(mark).filter(({ method }) => method !== "GET");
  expect(writes).toEqual([]);
});
