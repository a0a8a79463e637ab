/** How V8 keeps house in the program and in the dynamic provider. */
import type { StackConfig } from "./project.ts";

/** A young generation of 2 MB: what loads much and runs for seconds is as fast without Node's 16. */
const FRUGAL = ["--max-semi-space-size=2"];
/**
 * For hundreds of resources. Most objects of the program live as long as itself, and with 2 MB it takes a quarter longer.
 * What the provider keeps does not grow with them: by itself V8 would let several times as much garbage lie about.
 */
const LARGE = {
  program: ["--max-semi-space-size=16"],
  provider: [...FRUGAL, "--heap-growing-percent=30"],
};
/** Characters of configuration from which on a program is taken to declare hundreds of resources. */
const MUCH = 5_000;

/** Flags of V8. The same for both in a small stack: code that was compiled under other flags is compiled anew. */
export function heapOf(process: "program" | "provider", { values }: StackConfig): string[] {
  return JSON.stringify(values).length < MUCH ? FRUGAL : LARGE[process];
}
