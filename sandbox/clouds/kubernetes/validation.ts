/** Rules on names, labels and ports, with the messages of k8s.io/apimachinery/pkg/util/validation. */
import { invalidValue, required } from "./causes.ts";
import type { Cause } from "./status.ts";
import type { LabelSelector, ObjectMeta } from "./types.ts";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const ALPHANUMERIC = "alphanumeric characters, '-', '_' or '.'";
const ENDS = "must start and end with an alphanumeric character";

const matches = (pattern: string, value: string) => new RegExp(`^${pattern}$`).test(value);
const regexError = (message: string, pattern: string, ...examples: string[]) => {
  const shown = examples.map((one) => `'${one}'`).join(" or ");
  const hint = shown && `e.g. ${shown.replaceAll(" or ", ", or ")}, `;
  return `${message} (${hint}regex used for validation is '${pattern}')`;
};
const tooLong = (length: number) => `must be no more than ${length} bytes`;

export function dnsLabelFaults(value: string): string[] {
  const message = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and ${ENDS}`;
  return [
    ...(value.length > 63 ? [tooLong(63)] : []),
    ...(matches(LABEL, value) ? [] : [regexError(message, LABEL, "my-name", "123-abc")]),
  ];
}

export function dnsSubdomainFaults(value: string): string[] {
  const pattern = `${LABEL}(\\.${LABEL})*`;
  const message = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and ${ENDS}`;
  return [
    ...(value.length > 253 ? [tooLong(253)] : []),
    ...(matches(pattern, value) ? [] : [regexError(message, pattern, "example.com")]),
  ];
}

/** Keys of labels and annotations, finalizers: an optional DNS prefix, a slash, a name. */
export function qualifiedNameFaults(value: string): string[] {
  const [name = "", prefix, ...more] = value.split("/").reverse();
  const message = `must consist of ${ALPHANUMERIC}, and ${ENDS}`;
  const fault = regexError(message, QUALIFIED, "MyName", "my.name", "123-abc");
  const hint = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
  if (more.length > 0) return [`a valid label key ${fault}${hint}`];
  const prefixFaults = prefix === undefined ? [] : dnsSubdomainFaults(prefix);
  return [
    ...(prefix === ""
      ? ["prefix part must be non-empty"]
      : prefixFaults.map((f) => `prefix part ${f}`)),
    ...(name === "" ? ["name part must be non-empty"] : []),
    ...(name.length > 63 ? [`name part ${tooLong(63)}`] : []),
    ...(matches(QUALIFIED, name) ? [] : [`name part ${fault}`]),
  ];
}

function labelValueFaults(value: string): string[] {
  const pattern = `(${QUALIFIED})?`;
  const message = `a valid label must be an empty string or consist of ${ALPHANUMERIC}, and ${ENDS}`;
  return [
    ...(value.length > 63 ? [tooLong(63)] : []),
    ...(matches(pattern, value)
      ? []
      : [regexError(message, pattern, "MyValue", "my_value", "12345")]),
  ];
}

export function portFaults(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : ["must be between 1 and 65535, inclusive"];
}

/** A port by name, RFC 6335. */
function portNameFaults(name: string): string[] {
  const faults: string[] = [];
  if (name.length > 15) faults.push("must be no more than 15 characters long");
  if (!/^[-a-z0-9]+$/.test(name)) {
    faults.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(name)) faults.push("must contain at least one letter (a-z)");
  if (name.includes("--")) faults.push("must not contain consecutive hyphens");
  if (/^-|-$/.test(name)) faults.push("must not begin or end with a hyphen");
  return faults;
}

export function portOrNameCauses(field: string, value: number | string): Cause[] {
  const faults = typeof value === "number" ? portFaults(value) : portNameFaults(value);
  return faults.map((fault) => invalidValue(field, value, fault));
}

export function labelCauses(field: string, labels: Record<string, string> | undefined): Cause[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameFaults(key).map((fault) => invalidValue(field, key, fault)),
    ...labelValueFaults(value).map((fault) => invalidValue(field, value, fault)),
  ]);
}

export function selectorCauses(field: string, selector: LabelSelector | undefined): Cause[] {
  const causes = labelCauses(`${field}.matchLabels`, selector?.matchLabels);
  for (const [i, { key, operator, values = [] }] of (selector?.matchExpressions ?? []).entries()) {
    const at = `${field}.matchExpressions[${i}]`;
    const needsValues = operator === "In" || operator === "NotIn";
    if (needsValues && values.length === 0) {
      causes.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (!["In", "NotIn", "Exists", "DoesNotExist"].includes(operator)) {
      causes.push(invalidValue(`${at}.operator`, operator, "not a valid selector operator"));
    }
    for (const fault of qualifiedNameFaults(key)) {
      causes.push(invalidValue(`${at}.key`, key, fault));
    }
  }
  return causes;
}

const ANNOTATIONS_LIMIT = 256 * 1024;

/** Faults of `metadata`; `nameFaults` is the kind's own rule. */
export function metadataCauses(
  { name, generateName, labels, annotations, finalizers = [] }: ObjectMeta,
  nameFaults: (name: string) => string[],
): Cause[] {
  const causes: Cause[] = [];
  if (!name) causes.push(required("metadata.name", "name or generateName is required"));
  else if (!generateName) {
    causes.push(...nameFaults(name).map((fault) => invalidValue("metadata.name", name, fault)));
  }
  causes.push(...labelCauses("metadata.labels", labels));
  for (const key of Object.keys(annotations ?? {})) {
    const faults = qualifiedNameFaults(key.toLowerCase());
    causes.push(...faults.map((fault) => invalidValue("metadata.annotations", key, fault)));
  }
  const size = Object.entries(annotations ?? {}).join("").length;
  if (size > ANNOTATIONS_LIMIT) {
    const message = `Too long: may not be more than ${ANNOTATIONS_LIMIT} bytes`;
    causes.push({ reason: "FieldValueTooLong", message, field: "metadata.annotations" });
  }
  for (const finalizer of finalizers) {
    const faults = qualifiedNameFaults(finalizer);
    causes.push(...faults.map((fault) => invalidValue("metadata.finalizers", finalizer, fault)));
  }
  return causes;
}
