/** Whole stacks: two environments brought up side by side, and a preview of fifty endpoints in which nothing changes. */
import { APIS, changeNothing, inWorld, manyEndpoints, succeed } from "./inWorld.ts";
import { median, type Row, seconds } from "./measure.ts";

const ENVIRONMENTS = ["staging", "prod"];
const ENDPOINTS = 2;
const MANY = 50;
const ROUNDS = 3;

/** Two environments of two endpoints each, at the same time, with the requests of each endpoint. */
export function measureEnvironments(projectDir: string): Promise<Row[]> {
  return inWorld(projectDir, async ({ stack, world: { log } }) => {
    const runners = ENVIRONMENTS.map((name) => stack(name));
    const before = log.calls.length;
    const value = await seconds(async () => {
      for (const result of await Promise.all(runners.map((runner) => runner.up()))) succeed(result);
    });
    const calls = log.calls.slice(before);
    const endpoints = ENVIRONMENTS.length * ENDPOINTS;
    return [
      { what: `up of ${endpoints} endpoints in two environments`, value, unit: "s", goal: 25 },
      ...APIS.map((api): Row => {
        const count = calls.filter((call) => call.api === api).length;
        return { what: `  per endpoint to ${api}`, value: count / endpoints, unit: "requests" };
      }),
    ];
  });
}

/** Fifty endpoints that are there already; what changes none of them. */
export function measurePreview(projectDir: string): Promise<Row[]> {
  return inWorld(projectDir, async ({ stack }) => {
    const runner = stack("staging", manyEndpoints(MANY));
    const up = await seconds(async () => succeed(await runner.up()));
    const previews: number[] = [];
    for (let round = 0; round < ROUNDS; round++)
      previews.push(await seconds(async () => changeNothing(await runner.preview())));
    return [
      { what: `up of ${MANY} endpoints`, value: up, unit: "s" },
      {
        what: `no-op preview of ${MANY} endpoints`,
        value: median(previews),
        unit: "s",
        goal: 5,
        note: `median of ${ROUNDS}`,
      },
    ];
  });
}
