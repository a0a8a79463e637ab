/** What no single endpoint is in: the stack's lock, and its state file. */
import { readFileSync, writeFileSync } from "node:fs";
import { writesSince } from "../tour/context.ts";
import type { Estate } from "./estate.ts";
import type { Seen } from "./row.ts";

const plain: Omit<Seen, "said" | "next" | "facts"> = {
  ...{ injected: 1, errors: [], orders: 0, certificates: 0, leftovers: [], seconds: 0 },
};

export async function twoAtOnce(estate: Estate): Promise<Seen> {
  const [one, other] = await Promise.allSettled([estate.up(), estate.up()]);
  const results = [one, other].map((run) =>
    run.status === "fulfilled" ? run.value.errors.join() : String(run.reason.message),
  );
  const [said = ""] = results.filter((text) => text !== "");
  const next = (await estate.up()).errors.join() || "done";
  return { ...plain, said, next, facts: { failed: results.filter((text) => text !== "").length } };
}

/** A state file that has lost its second half, as on a disk that was full for who copied it. */
export async function truncated(estate: Estate): Promise<Seen> {
  const whole = readFileSync(estate.stateFile, "utf8");
  const half = whole.slice(0, whole.length / 2);
  writeFileSync(estate.stateFile, half);
  const calls = estate.world.log.calls.length;
  const said = await estate.up().then(
    ({ errors }) => errors.join(),
    (error: Error) => error.message,
  );
  const writes = writesSince(estate.world, calls).filter(({ client }) =>
    /plugin/.test(client ?? ""),
  );
  const isUntouched = readFileSync(estate.stateFile, "utf8") === half;
  writeFileSync(estate.stateFile, whole);
  const next = (await estate.up()).errors.join() || "done";
  return { ...plain, said, next, facts: { isUntouched, writes: writes.length } };
}
