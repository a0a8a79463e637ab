/** The figures of `peers` as a table, a chart, and the sentences that say what was not measured. */
import { lineChart } from "./chart.ts";
import type { Handshakes, PeerPoint, Peers } from "./peers.ts";
import { markdownTable, type Report } from "./report.ts";

/** How many endpoints the promise is about. */
const GOAL = 100;
const NONE = "–";

export function peersReport(peers: Peers): Report {
  const { points } = peers;
  const row = (what: string, value: (point: PeerPoint) => string | undefined) => [
    what,
    ...points.map((point) => value(point) ?? NONE),
  ];
  const table = markdownTable(
    ["endpoints", ...points.map(({ endpoints }) => `${endpoints}`)],
    [
      row("first `up`, s", ({ firstUp }) => firstUp.seconds.toFixed(2)),
      row("renewal of all by `up`, s", ({ renewal }) => renewal.seconds.toFixed(2)),
      row("the loop, s", ({ loop }) => loop?.seconds.toFixed(2)),
      row("of it certbot, s", ({ loop }) => loop?.certbot.toFixed(2)),
      row("loop / renewal", ({ loop, renewal }) => loop && factor(loop.seconds / renewal.seconds)),
      row("bare issuances at once, s", ({ bare }) => bare.toFixed(2)),
      row("`up`: handshakes failed", ({ renewal }) => failed(renewal.handshakes)),
      row("loop: handshakes failed", ({ loop }) => loop && failed(loop.handshakes)),
      row("`up`: Cloudflare requests", ({ renewal }) => `${renewal.cloudflareRequests}`),
      row("loop: Cloudflare requests", ({ loop }) => loop && `${loop.cloudflareRequests}`),
    ],
  );
  const text = [table, ...sentences(peers)].join("\n\n");
  return { text, data: peers, chart: chartOf(points) };
}

const factor = (value: number) => `${value.toFixed(1)} times`;
const failed = ({ failed: count, made }: Handshakes) => `${count} of ${count + made}`;

function sentences({ points, certbotFound }: Peers): string[] {
  if (!certbotFound)
    return [
      "The loop was left out: there is no certbot with the plugin dns-cloudflare on PATH. `--install-peers` installs them (Debian's packages, as root).",
    ];
  const last = points.findLast(({ loop }) => loop !== undefined);
  if (!last?.loop || last.endpoints >= GOAL) return [];
  const each = last.loop.seconds / last.endpoints;
  const minutes = (each * GOAL) / 60;
  const said = `The loop was not measured with ${GOAL} endpoints. It takes them one by one, ${each.toFixed(1)} s each with ${last.endpoints}: times ${GOAL} that would be ${minutes.toFixed(0)} minutes. \`--peers-full\` measures it.`;
  const own = points.find(({ endpoints }) => endpoints === GOAL);
  const ratio =
    own &&
    `By that reckoning a renewal of ${GOAL} by \`up\` is ${factor((each * GOAL) / own.renewal.seconds)} faster.`;
  return [said, ...(ratio ? [ratio] : [])];
}

function chartOf(points: PeerPoint[]): string {
  const line = (name: string, value: (point: PeerPoint) => number | undefined) => ({
    name,
    points: points.flatMap((point) => {
      const y = value(point);
      return y === undefined ? [] : [{ x: point.endpoints, y }];
    }),
  });
  return lineChart({
    title: "Seconds until every endpoint has another certificate",
    axes: { x: "endpoints", y: "seconds" },
    series: [
      line("the certbot loop", ({ loop }) => loop?.seconds),
      line("renewal by up", ({ renewal }) => renewal.seconds),
      line("first up", ({ firstUp }) => firstUp.seconds),
      line("bare issuances", ({ bare }) => bare),
    ],
  });
}
