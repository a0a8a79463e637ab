/**
 * What a renewal leaves for Prometheus' node exporter, as its textfile collector reads it:
 * https://github.com/prometheus/node_exporter#textfile-collector
 */
import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import type { Renewal } from "./renew.ts";

const PREFIX = "private_lb_";
const LAST_SUCCESS = `${PREFIX}renew_last_success_timestamp_seconds`;

/** Replaces the file as a whole, so that no reader sees half of it. @throws Error as the file system does */
export async function writeMetrics(file: string, renewal: Renewal): Promise<void> {
  const text = metrics(renewal, lastSuccess(await readFile(file, "utf8").catch(() => "")));
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(draft, text, { mode: 0o644 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** @param before seconds since 1970 of the last success before this run, if it is known */
export function metrics(renewal: Renewal, before?: number): string {
  const { stack, endpoints, exitCode, finishedAt } = renewal;
  const attempted = seconds(finishedAt);
  const success = exitCode === 0 ? attempted : before;
  const whole = label({ stack });
  const each = (key: "notAfter" | "nextRenewal") =>
    endpoints.flatMap(({ domain, [key]: moment }) =>
      moment ? [`${label({ stack, endpoint: domain })} ${seconds(moment)}`] : [],
    );
  return [
    family(
      `${PREFIX}certificate_expiry_timestamp_seconds`,
      "End of the certificate that the endpoint serves.",
      each("notAfter"),
    ),
    family(
      `${PREFIX}certificate_next_renewal_timestamp_seconds`,
      "When the endpoint's certificate is due.",
      each("nextRenewal"),
    ),
    family(`${PREFIX}renew_last_attempt_timestamp_seconds`, "When the last renewal run ended.", [
      `${whole} ${attempted}`,
    ]),
    family(
      LAST_SUCCESS,
      "When a renewal run last ended well, with something renewed or not.",
      success === undefined ? [] : [`${whole} ${success}`],
    ),
    family(`${PREFIX}renew_exit_code`, "Exit code of the last renewal run.", [
      `${whole} ${exitCode}`,
    ]),
  ].join("");
}

function lastSuccess(text: string): number | undefined {
  const line = text.split("\n").find((each) => each.startsWith(`${LAST_SUCCESS}{`));
  const value = Number(line?.slice(line.lastIndexOf(" ") + 1));
  return line !== undefined && Number.isFinite(value) ? value : undefined;
}

function family(name: string, help: string, samples: string[]): string {
  if (samples.length === 0) return "";
  const lines = samples.map((sample) => `${name}${sample}`);
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines].join("\n")}\n`;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
function label(labels: Record<string, string>): string {
  const escaped = (value: string) =>
    value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(",")}}`;
}

const seconds = (moment: string) => Math.floor(Date.parse(moment) / 1000);
