/** A stack, and the endpoint made by hand that it is to take over. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { type Adoption, type AdoptOptions, adopt } from "../../operate/adopt/adopt.ts";
import { adoptText } from "../../operate/adopt/adoptText.ts";
import { findSecrets, findSecretsBelow } from "../../sandbox/secrets/findSecrets.ts";
import { secretsOf } from "../../sandbox/secrets/planted.ts";
import type { Env } from "../../sandbox/world/envFile.ts";
import type { World } from "../../sandbox/world/startWorld.ts";
import { type Handmade, type HandmadeOptions, makeByHand } from "./handmade.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

export interface Site {
  stage: Stage;
  /** For what adoption writes. */
  folder: string;
  close(): Promise<void>;
}

export async function startSite(): Promise<Site> {
  const stage = await startStage();
  const folder = mkdtempSync(path.join(tmpdir(), "private-lb-adopt-"));
  const close = async () => {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { stage, folder, close };
}

export const balancerName = (stack: Stack) =>
  `private-lb-staging-${stack.domain("test").split(".", 1)[0]}`;

export async function handmade(
  stage: Stage,
  options: Partial<HandmadeOptions> = {},
): Promise<{ stack: Stack; made: Handmade }> {
  const stack = stage.stack();
  const domain = stack.domain("test");
  const made = await makeByHand(stage.world, {
    ...{ domain, name: balancerName(stack), renamed: true },
    ...options,
  });
  return { stack, made };
}

/**
 * Adopts, and sees to it that no secret is in what it says, or in what lies below its folder then.
 *
 * @param projectDir where the proposal goes
 */
export async function adopted(
  { world }: Stage,
  projectDir: string,
  { place: { configFile: stackFile } }: Stack,
  made: Handmade,
  more: Partial<AdoptOptions> = {},
): Promise<Adoption> {
  const env = administrator(world);
  const adoption = await adopt({
    ...{ projectDir, stack: "staging", stackFile, env },
    loadBalancers: [made.loadBalancerId],
    ...more,
  });
  const secrets = { ...secretsOf(env), key: made.privateKey };
  const said = JSON.stringify([adoption, adoptText(adoption, projectDir, COMMANDS)]);
  expect(findSecrets(said, secrets)).toEqual([]);
  expect(findSecretsBelow(projectDir, secrets)).toEqual([]);
  return adoption;
}

const COMMANDS = { preview: "preview", up: "up", adopt: "adopt" };

/** Adoption surveys every namespace. */
export function administrator({ env }: World): Env {
  return { ...env, KUBECONFIG: env["PRIVATE_LB_ADMIN_KUBECONFIG"] ?? "" };
}
