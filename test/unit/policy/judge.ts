/** All rules on resources that were recorded, whether by an engine or by Pulumi's mocks. */
import { type Declared, type Resource, type Rule, SECRET, UNKNOWN } from "../../../policy/rule.ts";
import { withSecretOutputs } from "../../../policy/rules/secrets.ts";
import { rules } from "../../../policy/rules.ts";

/** Pulumi's marks (`runtime/rpc.js` of its SDK). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface Recorded {
  urn: string;
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  additionalSecretOutputs?: string[];
}

/** `<rule>: <message>` for each violation. */
export function judge(recorded: Recorded[], declared: Declared): string[] {
  const seen = (each: Recorded, props: Record<string, unknown>): Resource => {
    const { urn, type, name, additionalSecretOutputs = [] } = each;
    const marked = unmark(props) as Record<string, unknown>;
    return withSecretOutputs({ urn, type, name, props: marked }, additionalSecretOutputs);
  };
  const inputs = recorded.map((each) => seen(each, each.inputs));
  const outputs = recorded.map((each) => seen(each, each.outputs));
  const found = ({ looksAt, violations }: Rule) =>
    looksAt === "resource"
      ? inputs.flatMap((each) => violations([each], () => declared, {}))
      : violations(outputs, () => declared, {});
  return rules.flatMap((rule) => found(rule).map(({ message }) => `${rule.name}: ${message}`));
}

function unmark(value: unknown): unknown {
  if (value === UNKNOWN_TEXT) return UNKNOWN;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(unmark);
  if (SIGNATURE in value) return SECRET;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unmark(inner)]));
}
