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
function shown(value: unknown): unknown {
  if (value === UNKNOWN) return "<unknown>";
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)]));
}
/** Values that are not texts are compared and put into texts as JSON. */
const text = (value: unknown) =>
  value === undefined || typeof value === "string" ? value : JSON.stringify(value);
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
  return { ...props, out: `${text(shown(props["value"]))}!`, hidden: `h-${props["label"]}` };
}

/** Fails after the resource came to be: Pulumi takes the properties from the error. */
function failPartly(id: string, props: Props, verb: string): void {
  const { partial, whole } = control();
  if (!isTold(partial, props)) return;
  const reasons = [`${verb} in part as told`];
  const provider = whole ? { __provider: props["__provider"] } : {};
  const properties = { ...outputsOf(props), ...provider };
  throw Object.assign(new Error("partly"), { id, properties, reasons });
}

export async function check(olds: Props, news: Props) {
  log("check", news, { value: shown(news["value"]) });
  const failures = isTold(control().fail?.check, news)
    ? [{ property: "value", reason: "refused as told" }]
    : [];
  const filled = olds["filled"] ?? (news["fill"] && `${news["label"]}-filled-${nextNumber()}`);
  return { inputs: news["fill"] ? { ...news, filled } : news, failures };
}

export async function diff(_id: string, olds: Props, news: Props) {
  const replaces = olds["key"] === news["key"] ? [] : ["key"];
  const seen = { old: olds["value"], new: shown(news["value"]) };
  if (isTold(control().undecided, news)) {
    log("diff", news, { ...seen, replaces });
    return { replaces };
  }
  const wantsMore = news["want"] !== undefined && olds["want"] !== news["want"];
  const isDue = isTold(control().due, news) || wantsMore;
  const changes = replaces.length > 0 || isDue || text(olds["value"]) !== text(news["value"]);
  log("diff", news, { ...seen, changes, replaces });
  failIfTold("diff", news);
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
