/** What is promised of a stack of many endpoints, and whether these figures keep it. */
import { type Goal, times } from "./goals.ts";
import { CALLERS, type GrowthPoint, OPERATIONS } from "./growthPoint.ts";

/** Of so many endpoints, where they were measured. */
const MANY = 500;
const PREVIEW_SECONDS = 20;
const PROVIDER_MB = 400;
const STATE_KB = 30;
/** Fewer endpoints share what a run costs at all. */
const BASE = 10;
/** Of two measurements of the same, one takes so many times the other's by chance. */
const CHANCE = 1.1;

export function growthGoals(points: GrowthPoint[]): Goal[] {
  const last = points.at(-1);
  if (!last) return [];
  const base = points.find(({ endpoints }) => endpoints >= BASE);
  const many = points.find(({ endpoints }) => endpoints === MANY);
  return [
    ...(many ? ofMany(many) : []),
    stateGoal(last),
    ...(base && base !== last ? [...linearGoals(base, last), requestGoal(base, last)] : []),
  ];
}

function ofMany({ endpoints, operations }: GrowthPoint): Goal[] {
  const { seconds } = operations.preview;
  const memory = Math.max(...OPERATIONS.map((name) => operations[name].memory["dynamic provider"]));
  return [
    {
      what: `preview of ${endpoints} that changes nothing`,
      value: `${seconds.toFixed(2)} s`,
      goal: `under ${PREVIEW_SECONDS} s`,
      isMet: seconds < PREVIEW_SECONDS,
    },
    {
      what: `dynamic provider process of ${endpoints}, at its peak`,
      value: `${memory.toFixed(0)} MB`,
      goal: `under ${PROVIDER_MB} MB`,
      isMet: memory < PROVIDER_MB,
    },
  ];
}

function stateGoal({ endpoints, stateBytes }: GrowthPoint): Goal {
  const each = stateBytes / endpoints / 1000;
  return {
    what: `state per endpoint, of ${endpoints}`,
    value: `${each.toFixed(1)} kB`,
    goal: `under ${STATE_KB} kB`,
    isMet: each < STATE_KB,
  };
}

/** An operation that is linear takes as long for each endpoint, however many there are. */
function linearGoals(base: GrowthPoint, last: GrowthPoint): Goal[] {
  return OPERATIONS.map((name) => {
    const secondsOf = ({ endpoints, operations }: GrowthPoint) =>
      operations[name].seconds / endpoints;
    const ratio = secondsOf(last) / secondsOf(base);
    return {
      what: `${name}: seconds per endpoint of ${last.endpoints} / of ${base.endpoints}`,
      value: times(ratio),
      goal: `at most ${CHANCE} times`,
      isMet: ratio <= CHANCE,
    };
  });
}

/** The worst of all operations and APIs; where the run's own requests are all, they are shared by more. */
function requestGoal(base: GrowthPoint, last: GrowthPoint): Goal {
  const ratios = OPERATIONS.flatMap((name) =>
    CALLERS.map((caller) => {
      const of = ({ endpoints, operations }: GrowthPoint) =>
        operations[name].requests[caller] / endpoints;
      return { name, caller, ratio: of(base) > 0 ? of(last) / of(base) : 1 };
    }),
  );
  const worst = ratios.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  return {
    what: `requests per endpoint of ${last.endpoints} / of ${base.endpoints}, the most (${worst.name}: ${worst.caller})`,
    value: times(worst.ratio),
    goal: `at most ${CHANCE} times`,
    isMet: worst.ratio <= CHANCE,
  };
}
