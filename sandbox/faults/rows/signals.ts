/** SIGTERM and Ctrl-C in the middle: what runs is finished or abandoned within 10 s, and the next run completes. */
import { rowOf } from "../act.ts";
import type { Point } from "../acts/points.ts";
import { type Interruption, interrupting, keyOf } from "../acts/signals.ts";
import * as it from "../expectations.ts";
import { expectation, type Row } from "../row.ts";

const FINISHED: Point = "uploading to the load balancer";

const INTERRUPTIONS: Interruption[] = [
  { signal: "SIGTERM", label: "transient", point: "waiting for the DNS" },
  { signal: "SIGTERM", label: "missing", point: "waiting for the validation" },
  { signal: "SIGTERM", label: "broken", point: "waiting for the certificate" },
  { signal: "SIGTERM", label: "quota", point: FINISHED },
  { signal: "SIGTERM", label: "lost", point: "waiting for the frontend" },
  { signal: "SIGINT", label: "unloadable", point: "waiting for the DNS" },
  { signal: "SIGINT", label: "inuse", point: "waiting for the validation" },
  { signal: "SIGINT", label: "slow", point: "waiting for the certificate" },
  { signal: "SIGINT", label: "refused", point: FINISHED },
  { signal: "SIGINT", label: "conflict", point: "waiting for the frontend" },
];

const act = interrupting(INTERRUPTIONS);

const isTold = expectation("the run says that it was cancelled, and fails", ({ facts }) => {
  const ends = facts["ends"] as string[];
  return facts["code"] === 1 && ends.length === 1 && /the run was cancelled/.test(ends[0] ?? "");
});

export const signals: Row[] = INTERRUPTIONS.map((interruption) => {
  const { signal, point } = interruption;
  return rowOf(act, {
    key: keyOf(interruption),
    about: signal === "SIGINT" ? "Ctrl-C" : signal,
    title: point,
    expected: [
      ...[it.isHit, it.within(10), isTold],
      ...(point === FINISHED
        ? [expectation("the step is finished", ({ said }) => said === "done")]
        : it.says(/interrupted, as the run was cancelled$/)),
      expectation("nothing is locked or pending", ({ facts }) => facts["isClean"] === true),
      ...[it.keepsOld, it.leavesNothing, it.orders(1), it.nextSucceeds],
      expectation("the new certificate is served then", ({ facts }) => facts["isNew"] === true),
    ],
  });
});
