import { type Duplex, pipeline } from "node:stream";

/** Carries bytes both ways. An end is passed on; when one side breaks off, the other is broken off too. */
export function join(a: Duplex, b: Duplex): void {
  const done = () => {};
  pipeline(a, b, done);
  pipeline(b, a, done);
}
