/**
 * Properties over hostile input. Each tries the same few in every `npm test` (`test/seed.ts`), and others for `FUZZ=<seconds>`
 * where that is set; what a failure prints, `FUZZ_SEED` and `FUZZ_PATH`, finds the same input again.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { addFigures } from "./figures.ts";
import { watchFrom } from "./watchdog.ts";

const SECONDS = Number(process.env["FUZZ"] ?? 0);
/** Of a property where FUZZ is not set: on a slow machine it tries fewer inputs. */
const DEFAULT_SECONDS = 10;
const { FUZZ_SEED, FUZZ_PATH } = process.env;
/** One input, ms: it is to be refused in much less, also beside other work. */
const HANG = 20_000;

/** What Node says of a program's own mistake: no error for a user. */
export const CLUELESS =
  /is not a function|is not iterable|Cannot (read|destructure|convert)|Invalid (time|URL|count)|undefined|\[object |Maximum call stack|Unexpected token/;

export interface FuzzOptions {
  /** Inputs where FUZZ is not set. @default 100 */
  runs?: number;
}

export function fuzz<Input>(
  name: string,
  inputs: fc.Arbitrary<Input>,
  check: (input: Input) => void | Promise<void>,
  { runs = 100 }: FuzzOptions = {},
): void {
  test(name, { timeout: 2 * HANG + (SECONDS || DEFAULT_SECONDS) * 1000 }, async () => {
    let tried = 0;
    const watchdog = watchFrom(name, HANG + 10_000);
    let running: Promise<unknown> = Promise.resolve();
    const property = fc.asyncProperty(inputs, async (input) => {
      tried++;
      watchdog.beat(() => fc.stringify(input));
      const checked = (async () => check(input))();
      running = checked.catch(() => {});
      await checked;
    });
    const details = await fc.check(property, {
      numRuns: SECONDS > 0 ? 1_000_000_000 : runs,
      interruptAfterTimeLimit: (SECONDS || DEFAULT_SECONDS) * 1000,
      timeout: HANG,
      ...(FUZZ_SEED !== undefined && { seed: Number(FUZZ_SEED) }),
      ...(FUZZ_PATH !== undefined && { path: FUZZ_PATH }),
      // A run that finds nothing in its time has passed.
      markInterruptAsFailure: false,
    });
    // At the end of its time fast-check leaves a check alone, which would go on in the next test.
    await running;
    await watchdog.stop();
    expect(tried).toBeGreaterThan(0);
    if (SECONDS > 0) console.log(`${name}: ${tried} inputs, seed ${details.seed}`);
    addFigures({ "bad inputs tried": tried });
    if (!details.failed) return;
    const again = `Again: FUZZ_SEED=${details.seed} FUZZ_PATH=${details.counterexamplePath}`;
    const cause = details.errorInstance;
    throw new Error(`${fc.defaultReportMessage(details)}\n${again}`, { cause });
  });
}

/** What an attacker, or a broken server, puts where something else is expected. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.anything({ withNullPrototype: false, maxDepth: 2 }).map(asJson) },
  fc.constantFrom(
    ...["constructor", "__proto__", "toString", "hasOwnProperty", "", " ", "\0", "\u001b[2J"],
    ...["../../etc/passwd", "file:///etc/passwd", "data:,x", "javascript:0", "%2e%2e/", "NaN"],
    ...[null, true, 0, -1, 1e308, [], {}, [[]], "<html><body>502</body></html>"],
  ),
  fc.constant(JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}')),
  fc.integer({ min: 1, max: 200_000 }).map((length) => "A".repeat(length)),
);

/** As it would come over the wire. */
function asJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? "null");
  } catch {
    return String(value);
  }
}

/** The same with some of its parts, at any depth, replaced by others or left out. */
export function mutated(
  sound: unknown,
  replacement: fc.Arbitrary<unknown> = hostile,
): fc.Arbitrary<unknown> {
  const paths = pathsOf(sound);
  const change = fc.tuple(
    fc.constantFrom(...paths),
    fc.option(replacement, { nil: undefined, freq: 6 }),
  );
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce((value, [path, put]) => withPut(value, path, put), structuredClone(sound)),
    );
}

export function pathsOf(value: unknown, at: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...at, key]))];
}

export function withPut(value: unknown, [key, ...rest]: string[], put: unknown): unknown {
  if (key === undefined) return put;
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = Array.isArray(value)
    ? ([...value] as never)
    : { ...(value as object) };
  const next = withPut(copy[key], rest, put);
  if (next === undefined) delete copy[key];
  else copy[key] = next;
  return copy;
}
