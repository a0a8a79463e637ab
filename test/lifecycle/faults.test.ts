/** The fault table of `npm run sandbox -- faults`, a test for each row. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ground, startGround } from "../../sandbox/faults/ground.ts";
import type { Outcome, Row } from "../../sandbox/faults/row.ts";
import { runRows } from "../../sandbox/faults/run.ts";
import { table } from "../../sandbox/faults/table.ts";

let ground: Ground;
let outcomes: Map<Row, Promise<Outcome>>;

beforeAll(async () => {
  ground = await startGround();
  outcomes = runRows(table, ground);
});
afterAll(() => ground?.close());

test("every row has a title of its own", () => {
  const titles = table.map(({ about, title }) => `${about}: ${title}`);
  expect(new Set(titles).size).toBe(titles.length);
});

test.each(table)("$about: $title", { timeout: 300_000 }, async (row) => {
  const { failures, said, next, errors } = (await outcomes.get(row)) as Outcome;
  expect({ failures, ...(failures.length > 0 && { said, next, errors }) }).toEqual({
    failures: [],
  });
});
