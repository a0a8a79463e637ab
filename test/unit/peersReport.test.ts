import { expect, test } from "vitest";
import type { PeerPoint } from "../../bench/peers.ts";
import { peersReport } from "../../bench/peersReport.ts";

const point = (endpoints: number, up: number, loop?: number): PeerPoint => ({
  endpoints,
  bare: 2,
  firstUp: { seconds: up, acme: 5 },
  renewal: { seconds: up, acme: 5, handshakes: { made: 9, failed: 0 }, cloudflareRequests: 8 },
  ...(loop && {
    loop: {
      seconds: loop,
      certbot: loop,
      handshakes: { made: 9, failed: 1 },
      cloudflareRequests: 9,
    },
  }),
});
const reportOf = (...points: PeerPoint[]) => peersReport({ points, certbotFound: true }).text;

test("what the loop would take for a hundred is reckoned from its largest number, and said to be", () => {
  const text = reportOf(point(1, 5, 13), point(10, 6, 140), point(100, 25));
  expect(text).toContain("14.0 s each with 10: times 100 that would be 23 minutes");
  expect(text).toMatch(
    /loop \/ renewal by `up`, reckoned from 10 +\| 56.0 times \| at least 40 times \| +met/,
  );
  expect(text).toMatch(/first `up` +\| +25.00 s \| +under 30 s \| +met/);
  expect(text).toMatch(
    /its ACME part \/ bare issuances at once +\| +2.5 times \| +at most 3 times \| +met/,
  );
});

test("a goal that is missed is said to be, and a measured loop is not reckoned", () => {
  const text = reportOf(point(100, 50, 1400));
  expect(text).not.toContain("times 100 that would be");
  expect(text).toMatch(/loop \/ renewal by `up` +\| 28.0 times \| at least 40 times \| MISSED/);
  expect(text).toMatch(/first `up` +\| +50.00 s \| +under 30 s \| MISSED/);
});

test("without certbot the loop is left out with a sentence, and the other goals stay", () => {
  const text = peersReport({ points: [point(100, 20)], certbotFound: false }).text;
  expect(text).toContain("`--install-peers` installs them");
  expect(text).not.toContain("loop / renewal by `up`");
  expect(text).toMatch(/first `up` +\| +20.00 s/);
});

test("without a hundred endpoints there are no goals", () => {
  expect(reportOf(point(1, 5, 13))).not.toContain("## Goals");
});
