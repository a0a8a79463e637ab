/** The status as a table for a terminal. */
import { stripVTControlCharacters, styleText } from "node:util";
import { authority } from "../../config/naming.ts";
import { day, type Health, type Row, rowsOf, type Status, statusText } from "./status.ts";

const COLOURS = { good: "green", attention: "yellow", urgent: "red", none: "dim" } as const;
const HEAD = ["ENDPOINT", "STACK", "DAYS LEFT", "EXPIRES", "RENEWS", "REACHED FROM", "STATUS"];
const GAP = "  ";

/** @param height lines at most; what does not fit is counted. @default all */
export function statusTable(status: Status, height = Number.POSITIVE_INFINITY): string {
  const rows = rowsOf(status);
  const errors = status.stacks.flatMap(({ stack, error }) =>
    error === undefined ? [] : [styleText("red", `${stack}: ${error}`)],
  );
  const empty = status.stacks
    .filter(({ endpoints, error }) => endpoints.length === 0 && error === undefined)
    .map(({ stack }) => styleText("dim", `${stack}: nothing is made yet`));
  const notes = [...errors, ...empty];
  const room = Math.max(1, height - notes.length - 2);
  const shown = rows.length > room ? rows.slice(0, room - 1) : rows;
  const more = rows.length - shown.length;
  const table = rows.length > 0 ? columns([HEAD, ...shown.map(cells)]) : [];
  return [...table, ...(more > 0 ? [styleText("dim", `… and ${more} more`)] : []), ...notes].join(
    "\n",
  );
}

function cells({ stack, endpoint }: Row): string[] {
  const { domain, port, report, networks, health } = endpoint;
  return [
    authority(domain, port),
    stack,
    paint(health, report?.daysLeft?.toFixed(1) ?? "–"),
    day(report?.notAfter),
    day(report?.nextRenewal),
    networks.map(({ name }) => name).join(", ") || "–",
    paint(health, statusText(endpoint)),
  ];
}

const paint = (health: Health, text: string) => styleText(COLOURS[health], text);

/** Colours take no room. */
function columns(rows: string[][]): string[] {
  const width = (text = "") => stripVTControlCharacters(text).length;
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => width(row[i]))));
  return rows.map((row) =>
    row
      .map((cell, i) => cell + " ".repeat((widths[i] ?? 0) - width(cell)))
      .join(GAP)
      .trimEnd(),
  );
}
