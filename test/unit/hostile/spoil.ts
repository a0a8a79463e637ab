/** What comes in an answer's place: from a broken server, from a proxy before it, or from who wants to do harm. */
import fc from "fast-check";
import type { InterceptedAnswer } from "../../../sandbox/clouds/interceptors.ts";
import { hostile, pathsOf, withPut } from "../../fuzzing.ts";

type Answer = InterceptedAnswer & { body: string };
export type Spoil = (answer: Answer) => InterceptedAnswer;

/** Named, so that what a failure prints can be understood. */
interface Named {
  what: string;
  apply: Spoil;
}

const json = { "content-type": "application/json" };
const named = (what: string, apply: Spoil): Named => ({ what, apply });

/** Some parts, at any depth, replaced or left out. */
const changed = fc
  .array(fc.tuple(fc.nat(), fc.option(hostile, { nil: undefined, freq: 4 })), {
    ...{ minLength: 1, maxLength: 3 },
  })
  .map((changes) =>
    named(`with the changes ${fc.stringify(changes)}`, ({ status, body }) => {
      const value = changes.reduce<unknown>((before, [at, put]) => {
        const paths = pathsOf(before);
        return withPut(before, paths[at % paths.length] ?? [], put);
      }, parsed(body));
      return { status, headers: json, body: JSON.stringify(value ?? null) };
    }),
  );

const replaced = fc
  .tuple(fc.constantFrom(200, 200, 201, 400, 403, 404, 409, 429, 500), hostile)
  .map(([status, value]) =>
    named(`${status} with ${fc.stringify(value)}`, () => ({
      ...{ status, headers: json, body: JSON.stringify(value ?? null) },
    })),
  );

const refused = fc
  .tuple(
    fc.constantFrom(400, 401, 403, 404, 409, 412, 429, 500, 503),
    fc.constantFrom("invalid_arguments", "not_found", "permissions_denied", "quotas_exceeded", "x"),
    fc.array(fc.tuple(fc.constantFrom("details", "message", "type", "code", "errors"), hostile)),
  )
  .map(([status, type, more]) => {
    const body = { type, message: "no", details: [], ...Object.fromEntries(more) };
    return named(`${status} with ${fc.stringify(body)}`, () => ({ status, headers: json, body }));
  });

const whole: Named[] = [
  named("cut off", ({ status, body }) => ({
    ...{ status, headers: json, body: body.slice(0, body.length / 2) },
  })),
  named("HTML", () => ({ status: 200, headers: { "content-type": "text/html" }, body: "<html>" })),
  named("HTML as JSON", () => ({ status: 200, headers: json, body: "<html>" })),
  named("without a type", ({ body }) => ({ status: 200, headers: { "content-type": "" }, body })),
  named("empty", () => ({ status: 200, headers: json, body: "" })),
  named("nothing at all", () => ({ status: 204 })),
  named("a redirect", () => ({ status: 307, headers: { location: "http://127.0.0.1:9/" } })),
  named("pages without an end", ({ status, body }) => {
    const value = { ...(parsed(body) as object), total_count: 1e12 };
    return { status, headers: json, body: JSON.stringify(value) };
  }),
  named("a megabyte of it", ({ status, body }) => {
    const value = { ...(parsed(body) as object), more: "A".repeat(2 ** 20) };
    return { status, headers: json, body: JSON.stringify(value) };
  }),
];

export const spoils: fc.Arbitrary<Named> = fc.oneof(
  { weight: 5, arbitrary: changed },
  { weight: 1, arbitrary: replaced },
  { weight: 2, arbitrary: refused },
  { weight: 1, arbitrary: fc.constantFrom(...whole) },
);

function parsed(body: string): unknown {
  return body === "" ? {} : JSON.parse(body);
}
