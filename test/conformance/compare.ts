/**
 * When two runs of a scenario are the same. The order of resources that do not depend on one another is free, in the
 * real engine too, and with it the number that an id ends in; wording of errors is each engine's own.
 */
import assert from "node:assert/strict";
import type { ResourceSpec, Seen, SeenResource, StepSpec } from "./scenario.ts";

type Related = (a: string, b: string) => boolean;

function needsOf({ from = {}, opts = {} }: ResourceSpec): string[] {
  const named = [opts["parent"], opts["deletedWith"], opts["dependsOn"], opts["replaceWith"]];
  const outputs = Object.values(from).map((reference) => reference.split(".")[0]);
  return [...named.flat(), ...outputs].filter((name) => typeof name === "string");
}

/** Whether one of two resources depends on the other, directly or not, in any of the steps. */
function relationOf(steps: StepSpec[]): Related {
  const needs = new Map<string, Set<string>>();
  for (const spec of steps.flatMap((step) => step.resources ?? []))
    needs.set(spec.name, new Set([...(needs.get(spec.name) ?? []), ...needsOf(spec)]));
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    from === to ||
    [...(needs.get(from) ?? [])].some(
      (next) => !seen.has(next) && reaches(next, to, seen.add(next)),
    );
  return (a, b) => reaches(a, b) || reaches(b, a);
}

/** A free order made fixed: what depends on one another keeps its order, all else is sorted. */
function assertSameOrder<T>(
  actual: T[],
  expected: T[],
  nameOf: (item: T) => string,
  related: Related,
  what: string,
): void {
  const text = (items: T[]) => items.map((item) => JSON.stringify(item)).sort();
  assert.deepEqual(text(actual), text(expected), what);
  const names = [...new Set(expected.map(nameOf))];
  for (const a of names)
    for (const b of names) {
      if (!related(a, b)) continue;
      const only = (items: T[]) => items.filter((item) => [a, b].includes(nameOf(item)));
      assert.deepEqual(only(actual), only(expected), `${what}: order of ${a} and ${b}`);
    }
}

/** `a-3` is the second creation of `a`: ids are counted per resource. */
function rankIds(seen: Seen[]): Map<string, string> {
  const all = seen.flatMap(({ state, calls }) => [
    ...state.map(({ id }) => id),
    ...calls.map((call) => call["id"]),
  ]);
  const ids = [...new Set(all.filter((id) => typeof id === "string"))];
  const numberOf = (id: string) => Number(id.split("-").at(-1));
  const labelOf = (id: string) => id.split("-").slice(0, -1).join("-");
  const sorted = ids.sort((a, b) => numberOf(a) - numberOf(b));
  return new Map(
    sorted.map((id) => {
      const before = sorted.filter((other) => labelOf(other) === labelOf(id));
      return [id, `${labelOf(id)} #${before.indexOf(id) + 1}`];
    }),
  );
}

const withRankedId = <T extends Record<string, unknown>>(item: T, ranks: Map<string, string>): T =>
  typeof item["id"] === "string" ? { ...item, id: ranks.get(item["id"]) } : item;

const sortKeys = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sortKeys)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, sortKeys(item)]),
        )
      : value;

function stateOf({ state }: Seen, ranks: Map<string, string>): SeenResource[] {
  const shown = state.map((resource: SeenResource) => {
    const dependencies = resource["dependencies"] as string[] | undefined;
    return sortKeys({
      ...withRankedId(resource, ranks),
      ...(dependencies && { dependencies: [...dependencies].sort() }),
    }) as SeenResource;
  });
  return shown.sort((a, b) => (`${a.name} ${a.id}` < `${b.name} ${b.id}` ? -1 : 1));
}

/** What failed, out of a message that each engine words in its own way. */
const causes = [
  /\w+ of \w+ failed as told/,
  /\w+ in part as told/,
  /urn:pulumi:[^\s"']+/,
  /refused as told/,
  /failed to register/,
  /code must be a string, not undefined/,
];
const causesOf = (messages: string[] = []): string[] => [
  ...new Set(
    messages.flatMap((message) => causes.flatMap((cause) => cause.exec(message)?.[0] ?? [])),
  ),
];

/** The resources that the failure of a step is about. */
function culpritsOf({ errors = [], state }: Seen): string[] {
  const named = errors.flatMap((message) => [
    /\w+ of (\w+) failed as told/.exec(message)?.[1],
    /urn:pulumi:\S+::(\w+)/.exec(message)?.[1],
    /resource '(\w+)'/.exec(message)?.[1],
  ]);
  const halfway = state.filter((resource) => resource["initErrors"]).map(({ name }) => name);
  return [...named, ...halfway].filter((name) => name !== undefined);
}

/**
 * Whether a run that stops at the first failure had come to a resource that has nothing to do with it, is chance: the
 * program registers such resources in no order.
 */
function byChanceOf(want: Seen, step: StepSpec, related: Related): (name: string) => boolean {
  const culprits = culpritsOf(want);
  // Inputs that are refused end any run.
  const goesOn =
    step.args?.includes("--continue-on-error") &&
    !causesOf(want.errors).includes("refused as told");
  const stops = !want.ok && !goesOn && culprits.length > 0;
  return (name) => stops && !culprits.some((culprit) => related(name, culprit));
}

/** @throws AssertionError that says at which step and in which part the runs differ */
export function assertSame(actual: Seen[], expected: Seen[], steps: StepSpec[]): void {
  const [actualIds, expectedIds] = [rankIds(actual), rankIds(expected)];
  for (const [i, want] of expected.entries()) {
    const [got, step] = [actual[i] as Seen, steps[i] as StepSpec];
    const related = relationOf(steps.slice(0, i + 1));
    const isByChance = byChanceOf(want, step, related);
    const at = (what: string) => `step ${i + 1} (${step.run}): ${what}`;
    const said = `; errors: ${(got.errors ?? []).join(" | ")}`;
    assert.equal(got.ok, want.ok, at("ok") + said);
    for (const cause of causesOf(want.errors))
      assert.ok(
        got.errors?.some((message) => message.includes(cause)),
        at(`an error names "${cause}"`) + said,
      );
    assert.equal((got.errors ?? []).length > 0, !want.ok, at("errors are reported") + said);

    const opsOf = ({ ops }: Seen) => ops.filter((op) => !isByChance(nameOfOp(op)));
    assertSameOrder(opsOf(got), opsOf(want), nameOfOp, related, at("operations"));
    const callsOf = ({ calls }: Seen, ids: Map<string, string>) =>
      calls
        .filter(({ label }) => !isByChance(label))
        .map((call) => sortKeys(withRankedId(call, ids)) as (typeof calls)[number]);
    const [gotCalls, wantCalls] = [callsOf(got, actualIds), callsOf(want, expectedIds)];
    assertSameOrder(gotCalls, wantCalls, ({ label }) => label, related, at("provider calls"));
    const resourcesOf = (seen: Seen, ids: Map<string, string>) =>
      stateOf(seen, ids).filter(({ name }) => !isByChance(name));
    assert.deepEqual(resourcesOf(got, actualIds), resourcesOf(want, expectedIds), at("state"));
    // From here on the two runs have different pasts.
    if (JSON.stringify([...got.ops].sort()) !== JSON.stringify([...want.ops].sort())) return;

    assert.deepEqual(got.summary, want.summary ?? {}, at("summary"));
    assert.deepEqual(got.stackOutputs, want.stackOutputs, at("outputs of the stack"));
    assert.deepEqual(got.pendingOperations, want.pendingOperations, at("pending operations"));
  }
}

const nameOfOp = (op: string) => op.split(" ")[1] as string;
