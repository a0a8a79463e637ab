/** A certificate's age as a bar: what is used up of its life, and when it is renewed. */
import { element, type Markup } from "./markup.ts";
import { day, type EndpointStatus, statusText } from "./status.ts";

const HEIGHT = 10;
/** Characters beside the end's date; the table has the whole text. */
const ROOM = 25;
const DAY = 24 * 60 * 60 * 1000;

export function certificateBar(
  endpoint: EndpointStatus,
  { x, y, width }: { x: number; y: number; width: number },
): Markup {
  const { certificate, report, health } = endpoint;
  const end = Date.parse(report?.notAfter ?? "");
  const start = Date.parse(certificate?.notBefore ?? "");
  const used = 1 - ((report?.daysLeft ?? 0) * DAY) / (end - start);
  const renewal = (Date.parse(report?.nextRenewal ?? "") - start) / (end - start);
  const bar = { x, y, height: HEIGHT, rx: HEIGHT / 2 };
  return element(
    "g",
    { class: `certificate ${health}` },
    element("rect", { ...bar, width, class: "life" }),
    (Number.isFinite(used) &&
      element("rect", { ...bar, width: Math.max(HEIGHT, width * clamp(used)), class: "used" })) ||
      undefined,
    Number.isFinite(renewal)
      ? element("path", {
          d: `M${x + width * clamp(renewal)} ${y - 3} v${HEIGHT + 6}`,
          class: "due",
        })
      : undefined,
    element("text", { x, y: y + HEIGHT + 17, class: "small" }, leftText(endpoint)),
    element(
      "text",
      { x: x + width, y: y + HEIGHT + 17, class: "small end" },
      report?.notAfter && `until ${day(report.notAfter)}`,
    ),
  );
}

/** `60.1 days left, renewed about 2027-01-20`, or what is the matter. */
function leftText(endpoint: EndpointStatus): string {
  const { report, health } = endpoint;
  if (!report) return statusText(endpoint);
  const left =
    report.daysLeft === undefined ? "no certificate" : `${report.daysLeft.toFixed(1)} days left`;
  const renewal = report.nextRenewal ? `, renewed about ${day(report.nextRenewal)}` : "";
  return health === "good" ? `${left}${renewal}` : `${left}: ${clip(report.status)}`;
}

const clip = (text: string) => (text.length > ROOM ? `${text.slice(0, ROOM - 1)}…` : text);
const clamp = (share: number) => Math.min(1, Math.max(0, share));
