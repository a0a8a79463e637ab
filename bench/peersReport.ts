/** The figures of `peers` as a table, a chart, and the sentences that say what was not measured. */
import { lineChart } from "./chart.ts";
import { goalTable, times } from "./goals.ts";
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
      row("of it ACME, s", ({ firstUp }) => firstUp.acme.toFixed(2)),
      row("renewal of all by `up`, s", ({ renewal }) => renewal.seconds.toFixed(2)),
      row("of it ACME, s", ({ renewal }) => renewal.acme.toFixed(2)),
      row("the loop, s", ({ loop }) => loop?.seconds.toFixed(2)),
      row("of it certbot, s", ({ loop }) => loop?.certbot.toFixed(2)),
      row("loop / renewal", ({ loop, renewal }) => loop && times(loop.seconds / renewal.seconds)),
      row("bare issuances at once, s", ({ bare }) => bare.toFixed(2)),
      row("of first `up`: ACME / bare", ({ firstUp, bare }) => times(firstUp.acme / bare)),
      row("`up`: handshakes failed", ({ renewal }) => failed(renewal.handshakes)),
      row("loop: handshakes failed", ({ loop }) => loop && failed(loop.handshakes)),
      row("`up`: Cloudflare requests", ({ renewal }) => `${renewal.cloudflareRequests}`),
      row("loop: Cloudflare requests", ({ loop }) => loop && `${loop.cloudflareRequests}`),
    ],
  );
  const text = [table, ...sentences(peers), ...goals(peers)].join("\n\n");
  return { text, data: peers, chart: chartOf(points) };
}

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
  const isReckoned = points.some(({ endpoints }) => endpoints === GOAL);
  const use = isReckoned ? ", by which the goal below is reckoned" : "";
  return [
    `The loop was not measured with ${GOAL} endpoints. It takes them one by one, ${each.toFixed(1)} s each with ${last.endpoints}: times ${GOAL} that would be ${minutes.toFixed(0)} minutes${use}. \`--peers-full\` measures it.`,
  ];
}

/** What is promised of so many endpoints, where they were measured. */
const FASTER = 40;
const UP_SECONDS = 30;
const ABOVE_FLOOR = 3;

function goals({ points }: Peers): string[] {
  const own = points.find(({ endpoints }) => endpoints === GOAL);
  if (!own) return [];
  const last = points.findLast(({ loop }) => loop !== undefined);
  const loop = last?.loop && (last.loop.seconds / last.endpoints) * GOAL;
  const { firstUp, renewal, bare } = own;
  const failures = points.reduce((sum, point) => sum + point.renewal.handshakes.failed, 0);
  const isMeasured = last?.endpoints === GOAL;
  const table = goalTable([
    ...(loop
      ? [
          {
            what: `the loop / renewal by \`up\`${isMeasured ? "" : `, reckoned from ${last?.endpoints}`}`,
            value: times(loop / renewal.seconds),
            goal: `at least ${FASTER} times`,
            isMet: loop / renewal.seconds >= FASTER,
          },
        ]
      : []),
    {
      what: "first `up`",
      value: `${firstUp.seconds.toFixed(2)} s`,
      goal: `under ${UP_SECONDS} s`,
      isMet: firstUp.seconds < UP_SECONDS,
    },
    {
      what: "its ACME part / bare issuances at once",
      value: times(firstUp.acme / bare),
      goal: `at most ${ABOVE_FLOOR} times`,
      isMet: firstUp.acme <= ABOVE_FLOOR * bare,
    },
    {
      what: "handshakes failed in all renewals by `up`",
      value: `${failures}`,
      goal: "none",
      isMet: failures === 0,
    },
  ]);
  return [`## Goals, of ${GOAL} endpoints`, table];
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
