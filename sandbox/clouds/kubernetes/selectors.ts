/** Label and field selectors. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
import type { Kind } from "./kinds.ts";
import { badRequest } from "./status.ts";
import { isObject, type Json, type KubeObject, type LabelSelector } from "./types.ts";

export type Predicate = (object: KubeObject) => boolean;
type Labels = Record<string, string>;

export function matchesLabels(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      const within = value !== undefined && values.includes(value);
      return operator === "In" ? within : !within;
    })
  );
}

const KEY = "[A-Za-z0-9][-A-Za-z0-9_./]*";
const SET_TERM = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^)]*)\\)$`);
const EQUALITY_TERM = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)$`);
const EXISTENCE_TERM = new RegExp(`^(!?)\\s*(${KEY})$`);

/** @throws ApiError 400 */
export function labelPredicate(selector: string): Predicate {
  const terms = selector.split(/,(?![^(]*\))/).filter((term) => term.trim() !== "");
  const tests = terms.map((term) => labelTerm(term.trim()));
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

function labelTerm(term: string): (labels: Labels) => boolean {
  const set = SET_TERM.exec(term);
  if (set) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return (labels) => values.includes(labels[key] ?? "\0") === (operator === "in");
  }
  const equality = EQUALITY_TERM.exec(term);
  if (equality) {
    const [, key = "", operator, value] = equality;
    return (labels) => (labels[key] === value) === (operator !== "!=");
  }
  const existence = EXISTENCE_TERM.exec(term);
  if (!existence) throw badRequest(`unable to parse requirement: found '${term}'`);
  const [, negated, key = ""] = existence;
  return (labels) => (labels[key] === undefined) === (negated === "!");
}

/** Fields that can be selected, beside those of metadata. */
const FIELDS: Record<string, readonly string[]> = {
  Pod: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  Event: [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  Node: ["spec.unschedulable"],
  Namespace: ["status.phase"],
  Secret: ["type"],
  Service: ["spec.clusterIP", "spec.type"],
};

/** @throws ApiError 400 for a field that the kind does not support */
export function fieldPredicate(selector: string, kind: Kind): Predicate {
  const known = ["metadata.name", "metadata.namespace", ...(FIELDS[kind.kind] ?? [])];
  const tests = selector
    .split(",")
    .filter((term) => term !== "")
    .map((term): Predicate => {
      const match = /^([A-Za-z.]+)(==|=|!=)(.*)$/.exec(term);
      if (!match) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
      const [, field = "", operator, value] = match;
      if (!known.includes(field)) {
        throw badRequest(`field label not supported: ${field}`);
      }
      return (object) => (fieldValue(object, field) === value) === (operator !== "!=");
    });
  return (object) => tests.every((test) => test(object));
}

function fieldValue(object: KubeObject, field: string): string {
  const path = field === "source" ? ["source", "component"] : field.split(".");
  let value: Json | undefined = object;
  for (const part of path) value = isObject(value) ? value[part] : undefined;
  return value === undefined || value === null ? "" : String(value);
}
