/** The checks of `npm run doctor`, each where all is well and where something is not. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { checks } from "../../operate/doctor/checks/index.ts";
import { READING_SETS } from "../../privileges/scaleway.ts";
import { trust } from "../../sandbox/commands/operate.ts";
import { alteredTroubles } from "./doctor/altered.ts";
import { authorityTroubles } from "./doctor/authority.ts";
import { clusterTroubles } from "./doctor/cluster.ts";
import { dnsTroubles } from "./doctor/dns.ts";
import { ground, ZONE } from "./doctor/ground.ts";
import { keysTroubles } from "./doctor/keys.ts";
import { look, type Otherwise } from "./doctor/look.ts";
import { servingTroubles } from "./doctor/serving.ts";
import { standing } from "./runs.ts";
import { type Stage, startStage } from "./stage.ts";

let stage: Stage;
let least: string;
beforeAll(async () => {
  stage = await startStage();
  const { world } = stage;
  trust(world.env);
  const stack = await standing(stage, "well");
  Object.assign(ground, { world, stack });
  // With what the doctor may read, beyond what a run may do.
  world.scaleway.settings.permissionSets.push(...READING_SETS, "IAMReadOnly");
  least = world.cloudflare.addToken({ zones: { [ZONE]: "edit" } });
});
afterAll(() => stage?.close());

const leastEnv = () => ({ CLOUDFLARE_API_TOKEN: least });

test.each(checks.map((check) => [check.title, check] as const))(
  "%s is ok where all is well",
  async (_, check) => {
    const { level, findings } = await look(check, ground.world, ground.stack, { env: leastEnv() });
    expect(findings).not.toEqual([]);
    expect({ level, faults: findings.filter((each) => each.level !== "ok") }).toEqual({
      level: "ok",
      faults: [],
    });
  },
);

const TROUBLES = [
  ...authorityTroubles,
  ...keysTroubles,
  ...dnsTroubles,
  ...clusterTroubles,
  ...servingTroubles,
  ...alteredTroubles,
];

test.each(TROUBLES)("$check.title is $level with $title", async (trouble) => {
  const given: Otherwise = {};
  const undo = await trouble.make(given);
  try {
    const env = { ...leastEnv(), ...given.env };
    const { level, findings } = await look(trouble.check, ground.world, ground.stack, {
      ...given,
      env,
    });
    const worst = findings.filter((each) => each.level === level);
    expect({ level, findings }).toMatchObject({ level: trouble.level });
    expect(worst.map(({ seen }) => seen).join("\n")).toMatch(trouble.says);
    if (trouble.advises)
      expect(worst.map(({ advice }) => advice).join("\n")).toMatch(trouble.advises);
    for (const each of findings) if (each.level !== "ok") expect(each.advice).toMatch(/^[A-Z].{9}/);
  } finally {
    if (typeof undo === "function") await undo();
  }
});
