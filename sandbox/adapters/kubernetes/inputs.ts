/** Inputs as the plugin completes, or guesses, them. */
import { randomBytes } from "node:crypto";
import type { Props } from "../../engine/provider.ts";
import { resourceName } from "../values.ts";
import { AUTONAMED } from "./diff.ts";
import {
  annotation,
  child,
  isAnnotated,
  metadata,
  nameOf,
  withMetadata,
  withoutReadOnly,
} from "./objects.ts";

/** The name that the plugin once gave it, or a new one. */
export function named(inputs: Props, urn: string, oldInputs: Props | undefined): Props {
  const kept = oldInputs && isAnnotated(oldInputs, AUTONAMED) ? nameOf(oldInputs) : "";
  if (oldInputs && !kept) return inputs;
  const name = kept || `${resourceName(urn)}-${randomBytes(4).toString("hex")}`;
  const annotations = { ...child(metadata(inputs), "annotations"), [AUTONAMED]: "true" };
  return withMetadata(inputs, { name, annotations });
}

export function importedInputs(live: Props): Props {
  const { status: _, ...inputs } = withoutReadOnly(live);
  return inputs;
}

export function propagation(inputs: Props): string {
  const policy = annotation(inputs, "pulumi.com/deletionPropagationPolicy").toLowerCase();
  return { orphan: "Orphan", background: "Background" }[policy] ?? "Foreground";
}
