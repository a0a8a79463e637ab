/**
 * The difference between what is (the outputs in the state) and what is wanted (the checked inputs), by a table. The
 * bridge compares with the state, not with the old inputs: what a refresh has seen is put right by the next update.
 * https://github.com/pulumi/pulumi-terraform-bridge/blob/main/pkg/tfbridge/provider.go
 */
import { type Props, UNKNOWN } from "../engine/provider.ts";
import type { Field, Fields, ResourceType } from "./table.ts";
import { containsUnknown, equal, isAbsent, isObject, isZero } from "./values.ts";

export interface Change {
  /** `sources[0].privateNetworkId` */
  path: string;
  replace: boolean;
}

type Toolkit = ResourceType<unknown>["toolkit"];

export function compare(fields: Fields, toolkit: Toolkit, before: Props, after: Props): Change[] {
  return Object.entries(fields).flatMap(([key, field]) =>
    field.change === "computed"
      ? []
      : compareField(key, field, toolkit, before[key], after[key] ?? field.default),
  );
}

function compareField(
  path: string,
  field: Field,
  toolkit: Toolkit,
  before: unknown,
  after: unknown,
): Change[] {
  if (isAbsent(after) && (field.filled || isAbsent(before))) return [];
  if (toolkit === "sdk" && isZero(before) && isZero(after)) return [];
  const whole = [{ path, replace: field.change === "replace" }];
  if (after === UNKNOWN) return whole;
  if (field.fields && isObject(after) && isObject(before)) {
    return nested(path, field.fields, toolkit, before, after);
  }
  if (field.fields && Array.isArray(after) && Array.isArray(before)) {
    if (after.length !== before.length) return whole;
    const elements = field.fields;
    return after.flatMap((element, index) =>
      isObject(element)
        ? nested(`${path}[${index}]`, elements, toolkit, (before[index] ?? {}) as Props, element)
        : whole,
    );
  }
  if (containsUnknown(after)) return whole;
  return (field.same ?? equal)(before, after) ? [] : whole;
}

function nested(path: string, fields: Fields, toolkit: Toolkit, before: Props, after: Props) {
  return compare(fields, toolkit, before, after).map((change) => ({
    ...change,
    path: `${path}.${change.path}`,
  }));
}

/** `sources[0].privateNetworkId` is of `sources`. */
export function topLevel(path: string): string {
  return path.split(/[.[]/, 1)[0] as string;
}
