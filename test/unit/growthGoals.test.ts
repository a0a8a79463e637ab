import { describe, expect, test } from "vitest";
import type { Goal } from "../../bench/goals.ts";
import { growthGoals } from "../../bench/growthGoals.ts";
import { type GrowthPoint, OPERATIONS, type OperationFigures } from "../../bench/growthPoint.ts";
import { growthReport } from "../../bench/growthReport.ts";

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
