// The provider of a resource that is nowhere: it answers as CONTROL (a JSON file) says, and logs every call to LOG.
import fs from "node:fs";
import type { Call, Control } from "../scenario.ts";

type Props = Record<string, unknown>;

/** Pulumi's sentinel for a value that a preview does not know. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const file = (variable: "CONTROL" | "LOG"): string => {
  const name = process.env[variable];
  if (!name) throw new Error(`${variable} is not set`);
  return name;
};
const shown = (value: unknown) => (value === UNKNOWN ? "<unknown>" : value);
const control = () => JSON.parse(fs.readFileSync(file("CONTROL"), "utf8")) as Control;

function log(call: Call, props: Props, more: Props = {}): void {
  const line = { call, label: shown(props["label"]), ...more };
  fs.appendFileSync(file("LOG"), `${JSON.stringify(line)}\n`);
}

const isTold = (labels: string[] | undefined, props: Props) =>
  labels?.includes(String(props["label"])) ?? false;

function failIfTold(call: Call, props: Props): void {
  if (isTold(control().fail?.[call], props))
    throw new Error(`${call} of ${props["label"]} failed as told`);
}

/** Ids end in a number that counts all creations of the scenario. */
function nextNumber(): number {
  const counter = `${file("LOG")}.count`;
  const number = Number(fs.existsSync(counter) ? fs.readFileSync(counter, "utf8") : 0) + 1;
  fs.writeFileSync(counter, String(number));
  return number;
}

function outputsOf({ __provider, ...props }: Props): Props {
  return { ...props, out: `${shown(props["value"])}!`, hidden: `h-${props["label"]}` };
}

/** Fails after the resource came to be: Pulumi takes the properties from the error. */
function failPartly(id: string, props: Props, verb: string): void {
  if (!isTold(control().partial, props)) return;
  const reasons = [`${verb} in part as told`];
  throw Object.assign(new Error("partly"), { id, properties: outputsOf(props), reasons });
}

export async function check(_olds: Props, news: Props) {
  log("check", news, { value: shown(news["value"]) });
  const failures = isTold(control().fail?.check, news)
    ? [{ property: "value", reason: "refused as told" }]
    : [];
  return { inputs: news, failures };
}

export async function diff(_id: string, olds: Props, news: Props) {
  const replaces = olds["key"] === news["key"] ? [] : ["key"];
  const wantsMore = news["want"] !== undefined && olds["want"] !== news["want"];
  const changes = replaces.length > 0 || olds["value"] !== news["value"] || wantsMore;
  log("diff", news, { old: olds["value"], new: shown(news["value"]), changes, replaces });
  return { changes, replaces, deleteBeforeReplace: news["dbr"] === true };
}

export async function create(inputs: Props) {
  log("create", inputs, { value: inputs["value"] });
  failIfTold("create", inputs);
  const id = `${inputs["label"]}-${nextNumber()}`;
  failPartly(id, inputs, "created");
  return { id, outs: outputsOf(inputs) };
}

export async function update(id: string, olds: Props, news: Props) {
  log("update", news, { old: olds["value"], new: news["value"] });
  failIfTold("update", news);
  failPartly(id, news, "updated");
  return { outs: outputsOf(news) };
}

export async function read(id: string, props: Props) {
  log("read", props);
  failIfTold("read", props);
  const found = control().read?.[String(props["label"])];
  if (found === "gone") return { id: undefined, props: {} };
  if (!found) return { id, props };
  const { out, hidden, ...inputs } = { ...props, ...found };
  return { id, props: { ...props, ...found }, inputs };
}

export async function remove(id: string, props: Props) {
  log("delete", props, { id });
  failIfTold("delete", props);
}
