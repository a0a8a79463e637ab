/** A stack, and the endpoint made by hand that it is to take over. */
import { type AdoptOptions, adopt } from "../../operate/adopt/adopt.ts";
import type { Env } from "../../sandbox/world/envFile.ts";
import type { World } from "../../sandbox/world/startWorld.ts";
import { type Handmade, type HandmadeOptions, makeByHand } from "./handmade.ts";
import type { Stack, Stage } from "./stage.ts";

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

/** @param projectDir where the proposal goes */
export const adopted = (
  { world }: Stage,
  projectDir: string,
  { place: { configFile: stackFile } }: Stack,
  made: Handmade,
  more: Partial<AdoptOptions> = {},
) =>
  adopt({
    ...{ projectDir, stack: "staging", stackFile, env: administrator(world) },
    loadBalancers: [made.loadBalancerId],
    ...more,
  });

/** Adoption surveys every namespace. */
export function administrator({ env }: World): Env {
  return { ...env, KUBECONFIG: env["PRIVATE_LB_ADMIN_KUBECONFIG"] ?? "" };
}
