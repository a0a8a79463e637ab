/** What rows expect in common: rows import it as `it`. */
import { type Expectation, expectation } from "./row.ts";

export const succeeds = expectation("the run succeeds", ({ said }) => said === "done");
export const nextSucceeds = expectation("the next run succeeds", ({ next }) => next === "done");
export const keepsOld = expectation("the old one is kept", ({ isOldKept }) => isOldKept === true);
export const leavesNothing = expectation("nothing is left", (seen) => seen.leftovers.length === 0);
export const isHit = expectation("a fault was injected", ({ injected }) => injected > 0);
export const saysOnce = expectation("it says no more than that", (seen) => seen.errors.length <= 1);

export const says = (...parts: RegExp[]): Expectation[] =>
  parts.map((part) => expectation(`it says ${part}`, ({ said }) => part.test(said)));

export const within = (seconds: number) =>
  expectation(`it ends within ${seconds} s`, (seen) => seen.seconds <= seconds);

export const orders = (most: number) =>
  expectation(`at most ${most} orders`, (seen) => seen.orders <= most);

export const certificates = (count: number) =>
  expectation(`${count} certificates`, (seen) => seen.certificates === count);

/** Of a run that ends in one error and harms nothing: what is served stays, and the next run does it at no more cost. */
export const failsOnce = (seconds: number): Expectation[] => [
  ...[keepsOld, saysOnce, within(seconds)],
  ...[nextSucceeds, orders(1), certificates(1)],
];
