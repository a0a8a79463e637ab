/** The status as one page, which needs nothing but itself: no script, no font, no request. */
import { authority } from "../../config/naming.ts";
import { element, Markup } from "./markup.ts";
import { picture } from "./picture.ts";
import { day, type Row, rowsOf, type StackStatus, type Status, statusText } from "./status.ts";
import { STYLE } from "./style.ts";

const TITLE = "Private endpoints";
const LEGEND =
  "In the pictures a line leads from a network to what its clients reach. A bar shows how much of a certificate's life is used up; the mark on it, when it is renewed.";
const WORDS = { good: "good", attention: "attention", urgent: "urgent", none: "not ours" } as const;

export function statusPage(status: Status): string {
  const at = `${status.at.slice(0, 16).replace("T", " ")} UTC`;
  const page = element(
    "html",
    { lang: "en" },
    element(
      "head",
      {},
      element("meta", { charset: "utf-8" }),
      element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      element("meta", { name: "color-scheme", content: "light dark" }),
      element("meta", {
        "http-equiv": "Content-Security-Policy",
        content: "default-src 'none'; style-src 'unsafe-inline'",
      }),
      element("title", {}, `${TITLE}: ${status.stacks.map(({ stack }) => stack).join(", ")}`),
      element("style", {}, new Markup(STYLE)),
    ),
    element(
      "body",
      {},
      element(
        "header",
        {},
        element("h1", {}, TITLE),
        element("p", {}, `As the states had it on ${at}. `, summary(status)),
      ),
      element(
        "main",
        {},
        overview(rowsOf(status)),
        element("p", { class: "legend" }, LEGEND),
        status.stacks.map(section),
      ),
    ),
  );
  return `<!doctype html>\n${page.text}\n`;
}

function summary(status: Status): string {
  const rows = rowsOf(status);
  const bad = rows.filter(
    ({ endpoint: { health } }) => health === "urgent" || health === "attention",
  );
  const count = `${rows.length} ${rows.length === 1 ? "endpoint" : "endpoints"}`;
  if (bad.length === 0) return `${count}, none of which needs attention.`;
  return `${count}, of which ${bad.map(({ endpoint }) => endpoint.domain).join(", ")} ${bad.length === 1 ? "needs" : "need"} attention.`;
}

function overview(rows: Row[]): Markup | undefined {
  if (rows.length === 0) return undefined;
  const head = ["Endpoint", "Stack", "Days left", "Expires", "Renews", "Reached from", "Status"];
  return element(
    "div",
    { class: "wide" },
    element(
      "table",
      {},
      element("caption", {}, "Every endpoint, the certificate that ends first at the top"),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          head.map((text) => element("th", { scope: "col" }, text)),
        ),
      ),
      element("tbody", {}, rows.map(tableRow)),
    ),
  );
}

function tableRow({ stack, endpoint }: Row): Markup {
  const { domain, port, report, networks, health } = endpoint;
  const cell = (text: string, kind?: string) => element("td", { class: kind }, text);
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, authority(domain, port)),
    cell(stack),
    cell(report?.daysLeft?.toFixed(1) ?? "–", "number"),
    cell(day(report?.notAfter), "date"),
    cell(day(report?.nextRenewal), "date"),
    cell(networks.map(({ name }) => name).join(", ") || "–"),
    element(
      "td",
      {},
      element("span", { class: `badge ${health}` }, WORDS[health]),
      ` ${statusText(endpoint)}`,
    ),
  );
}

function section(status: StackStatus): Markup {
  const { stack, environment, endpoints, error } = status;
  const name = environment && environment !== stack ? `${stack} (${environment})` : stack;
  const id = `stack-${stack.replaceAll(/[^\w-]/g, "-")}`;
  return element(
    "section",
    { "aria-labelledby": id },
    element("h2", { id }, name),
    error === undefined
      ? endpoints.length > 0
        ? figure(status)
        : element("p", {}, "Nothing is made yet.")
      : element("p", { class: "error" }, `Its state could not be read: ${error}`),
  );
}

function figure(status: StackStatus): Markup {
  return element("figure", {}, element("div", { class: "wide" }, picture(status)));
}
