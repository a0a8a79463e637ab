import { describe, expect, test } from "vitest";
import type { Goal } from "../../bench/goals.ts";
import { growthGoals } from "../../bench/growthGoals.ts";
import { type GrowthPoint, OPERATIONS, type OperationFigures } from "../../bench/growthPoint.ts";
import { growthReport } from "../../bench/growthReport.ts";
import type { PeerPoint } from "../../bench/peers.ts";
import { peersReport } from "../../bench/peersReport.ts";

/** Every operation takes a second and 10 requests of each API for an endpoint, and 20 kB of state. */
function point(endpoints: number, change: (figures: OperationFigures) => void = () => {}) {
  const operations = Object.fromEntries(
    OPERATIONS.map((name) => {
      const each = 10 * endpoints;
      const figures: OperationFigures = {
        seconds: 0.03 * endpoints,
        memory: {
          program: 500,
          "dynamic provider": 300,
          Pebble: 20,
          "engine, clouds and bench": 1,
        },
        requests: { acme: each, cloudflare: each, scaleway: each, kubernetes: 0, CCM: each },
      };
      change(figures);
      return [name, figures];
    }),
  ) as GrowthPoint["operations"];
  return { endpoints, stateBytes: 20_000 * endpoints, stateByPackage: {}, operations };
}

const missed = (goals: Goal[]) => goals.filter(({ isMet }) => !isMet).map(({ what }) => what);

describe("the goals of growth", () => {
  test("are met by a stack that grows as its endpoints do", () => {
    const goals = growthGoals([point(10), point(500)]);
    expect(missed(goals)).toEqual([]);
    expect(goals).toHaveLength(3 + OPERATIONS.length + 1);
  });

  const changes: [string, (figures: OperationFigures) => void, RegExp][] = [
    [
      "seconds",
      (figures) => {
        figures.seconds = 20;
      },
      /^preview of 500/,
    ],
    [
      "megabytes of the provider",
      ({ memory }) => {
        memory["dynamic provider"] = 400;
      },
      /^dynamic provider process of 500/,
    ],
    [
      "requests per endpoint",
      ({ requests }) => {
        requests.scaleway = 5600;
      },
      /^requests per endpoint of 500 .*: scaleway\)$/,
    ],
  ];
  test.each(changes)("are missed by too many %s", (_name, change, told) => {
    const goals = growthGoals([point(10), point(500, change)]);
    expect(missed(goals)).toContainEqual(expect.stringMatching(told));
  });

  test("are missed by an operation that takes longer for each of more endpoints", () => {
    const slower = point(100, (figures) => {
      figures.seconds *= 1.2;
    });
    const goals = growthGoals([point(10), slower]);
    expect(missed(goals)).toEqual(
      OPERATIONS.map((name) => `${name}: seconds per endpoint of 100 / of 10`),
    );
  });

  test("are missed by a state of too many bytes for each endpoint", () => {
    const goals = growthGoals([{ ...point(1), stateBytes: 30_000 }]);
    expect(missed(goals)).toEqual(["state per endpoint, of 1"]);
  });

  test("head the report, above the seconds that each endpoint takes", () => {
    const { text } = growthReport([point(10), point(500)]);
    expect(text).toMatch(/^## Goals\n/);
    expect(text).toMatch(/\| dynamic provider process of 500, at its peak +\| +300 MB \|/);
    expect(text).toMatch(/## Seconds per endpoint[^#]*\| preview +\| 0\.030 \| 0\.030 \|/);
  });
});

describe("the goals of issuance beside the loop", () => {
  const handshakes = { made: 9, failed: 0 };
  const hundred: PeerPoint = {
    endpoints: 100,
    bare: 3,
    firstUp: { seconds: 29, acme: 9 },
    renewal: { seconds: 30, acme: 20, handshakes, cloudflareRequests: 203 },
  };
  const ten: PeerPoint = {
    ...hundred,
    endpoints: 10,
    loop: { seconds: 130, certbot: 125, handshakes, cloudflareRequests: 80 },
  };
  const told = (points: PeerPoint[]) => peersReport({ points, certbotFound: true }).text;

  test("are reckoned from ten endpoints where the loop did not take a hundred, and say so", () => {
    const text = told([ten, hundred]);
    expect(text).toMatch(
      /\| the loop, reckoned, \/ renewal by `up` +\| 43\.3 times \| .*\| +met \|/,
    );
    expect(text).toContain("The loop was not measured with 100 endpoints.");
    expect(text).toMatch(
      /\| its ACME part \/ bare issuances at once +\| +3\.0 times \|.*\| +met \|/,
    );
  });

  test("take what was measured where the loop took them all", () => {
    const text = told([{ ...hundred, loop: { ...ten.loop, seconds: 1100 } as never }]);
    expect(text).toMatch(/\| the loop \/ renewal by `up` +\| 36\.7 times \| .*\| MISSED \|/);
    expect(text).not.toContain("was not measured");
  });

  test.each([
    ["seconds", { seconds: 30, acme: 9 }, "first `up`"],
    ["ACME", { seconds: 29, acme: 9.1 }, "its ACME part / bare issuances at once"],
  ])("are missed by a first up of too long: %s", (_name, firstUp, what) => {
    const lines = told([ten, { ...hundred, firstUp }]).split("\n");
    expect(
      lines.filter((line) => line.includes("MISSED")).map((line) => line.split(" | ")[0]?.trim()),
    ).toEqual([expect.stringContaining(what)]);
  });
});
