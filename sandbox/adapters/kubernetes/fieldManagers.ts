/**
 * Who owns which field. The plugin creates with a plain POST as `pulumi-kubernetes`, and hands what that manager owns
 * over to its own manager of server-side apply at the first update.
 * https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/await.go
 */
import { randomBytes } from "node:crypto";
import type { Props } from "../../engine/provider.ts";
import { isObject, text, withoutAbsent } from "../values.ts";
import type { KubernetesClient } from "./client.ts";
import type { Reference } from "./kinds.ts";
import { annotation, FIELD_MANAGER, isAnnotated, metadata } from "./objects.ts";

export const CREATOR = "pulumi-kubernetes";

/** The plugin's names, of today and of earlier versions, when it does not apply but write. */
const creators = [CREATOR, "pulumi-kubernetes.exe", "pulumi-resource-kubernetes"];

/** Whose fields the first update takes over. */
const legacy = [
  { manager: "kubectl", operation: "Apply" },
  { manager: "kubectl", operation: "Update" },
  { manager: "before-first-apply", operation: "Update" },
  ...creators.map((manager) => ({ manager, operation: "Update" })),
];

export function fieldManagerOf(inputs: Props, outputs: Props = {}): string {
  return (
    annotation(inputs, "pulumi.com/patchFieldManager") ||
    text(outputs[FIELD_MANAGER]) ||
    `${CREATOR}-${randomBytes(4).toString("hex")}`
  );
}

/** Whether an apply takes fields that another manager owns. */
export function isForced(inputs: Props, live: Props, always: boolean, preview: boolean): boolean {
  if (always || isAnnotated(inputs, "pulumi.com/patchForce")) return true;
  const owners = managedFields(live);
  if (owners.length === 0) return true;
  return (
    preview && owners.some((owner) => isUpdate(owner) && creators.includes(text(owner["manager"])))
  );
}

const isUpdate = (owner: Props): boolean => owner["operation"] === "Update";

function managedFields(live: Props): Props[] {
  const owners = metadata(live)["managedFields"];
  return Array.isArray(owners) ? owners.filter(isObject) : [];
}

/** Makes `manager` the owner of what was created without it. Gives the object as it is then. */
export async function takeOver(
  client: KubernetesClient,
  reference: Reference,
  live: Props,
  manager: string,
): Promise<Props> {
  const owners = managedFields(live);
  const taken = owners.filter(isLegacy);
  if (taken.length === 0) return live;
  const isOurs = (owner: Props) =>
    owner["manager"] === manager && owner["operation"] === "Apply" && !owner["subresource"];
  const ours = owners.find(isOurs);
  const merged = [...(ours ? [ours] : []), ...taken].map(({ fieldsV1 }) => fieldsV1).reduce(union);
  const entry = withoutAbsent({
    ...(ours ?? taken[0]),
    manager,
    operation: "Apply",
    fieldsV1: merged,
  });
  const others = owners.filter((owner) => !isOurs(owner) && !isLegacy(owner));
  return client.patch(reference, [
    { op: "replace", path: "/metadata/managedFields", value: [...others, entry] },
    {
      op: "replace",
      path: "/metadata/resourceVersion",
      value: metadata(live)["resourceVersion"],
    },
  ]);
}

function isLegacy(owner: Props): boolean {
  return (
    !owner["subresource"] &&
    legacy.some(
      ({ manager, operation }) => owner["manager"] === manager && owner["operation"] === operation,
    )
  );
}

/** Union of two sets of fields, in the nested form of `fieldsV1`. */
function union(left: unknown, right: unknown): Props {
  const one = isObject(left) ? left : {};
  const other = isObject(right) ? right : {};
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...keys].map((key) => [key, union(one[key], other[key])]));
}
