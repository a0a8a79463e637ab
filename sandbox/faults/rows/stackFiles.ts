/** The stack's lock, its state file, and the disk that they are on. */
import { type ActRow, rowOf } from "../act.ts";
import { stackFiles } from "../acts/stackFiles.ts";
import * as it from "../expectations.ts";
import { expectation, type Row } from "../row.ts";

const writesNothing = expectation("nothing is written to the clouds", ({ facts }) => {
  return facts["writes"] === 0;
});
const keepsState = expectation(
  "the state has the certificate that is served",
  ({ facts }) => facts["isStateKept"] === true,
);

const ROWS: ActRow[] = [
  {
    key: "two",
    about: "Lock",
    title: "two up of one stack at once: the second is refused",
    expected: [
      ...it.says(/the stack is locked by .+: up .*, process \d+.+wait for it, or stop it/),
      expectation("the other one succeeds", ({ facts }) => facts["failed"] === 1),
    ],
  },
  {
    key: "dead",
    about: "Lock",
    title: "left by a killed run: refused, and cleared as is said",
    expected: [
      ...it.says(
        /that process is gone, so the lock is stale: clear it with `.+ cancel staging`, or remove /,
      ),
      expectation("it is cleared", ({ facts }) => facts["isCleared"] === true),
      it.nextSucceeds,
    ],
  },
  {
    key: "truncated",
    about: "State",
    title: "truncated: a clear error, and nothing is touched",
    expected: [
      ...it.says(/staging\.json is no state: /),
      expectation("the file is as it was", ({ facts }) => facts["isUntouched"] === true),
      ...[writesNothing, it.nextSucceeds],
    ],
  },
  {
    key: "readonly",
    about: "State",
    title: "its folder is read-only",
    expected: [
      ...it.says(/the stack cannot be locked: EROFS: .+ be written to, and run again: nothing was/),
      ...[it.isHit, it.saysOnce, it.keepsOld, keepsState, it.orders(0), writesNothing],
      it.nextSucceeds,
    ],
  },
  {
    key: "full",
    about: "State",
    title: "the disk is full in the middle of a renewal",
    expected: [
      ...it.says(/state could not be written: ENOSPC: .+Make room on that disk/),
      ...[it.isHit, it.saysOnce, it.keepsOld, keepsState, it.orders(0), it.leavesNothing],
      it.nextSucceeds,
    ],
  },
];

export const stackFileRows: Row[] = ROWS.map((row) => rowOf(stackFiles, row));
