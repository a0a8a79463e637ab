/** A sandbox that is as slow as the world is: every API answers late, zones and frontends follow late. */
import { injectFaults } from "../sandbox/faults/layer.ts";
import type { World } from "../sandbox/world/startWorld.ts";
import { APIS, CCM_CLIENT } from "./inWorld.ts";

/** ms, each. */
export interface Slowness {
  /** Before any API acts on a request; for the CCM's own see `ccm`. */
  latency: number;
  /** Until the authoritative servers see a change of their zone. */
  propagation: number;
  /** Until the CCM acts on a change, its own requests included but for a few ms. */
  ccm: number;
}

export const SLOW: Slowness = { latency: 50, propagation: 2000, ccm: 10_000 };

/** The CCM of which all stacks of the bench make use. */
const ENVIRONMENT = "staging";

/** @returns makes the world prompt again */
export function slowDown(world: World, { latency, propagation, ccm }: Slowness): () => void {
  const faults = injectFaults(
    world.intercept,
    APIS.map((api) => ({
      api,
      where: ({ headers }) => !CCM_CLIENT.test(String(headers["user-agent"])),
      effect: { kind: "delay", ms: latency },
    })),
  );
  const servers = Object.keys(world.dns.nameServers);
  const set = (delay: number, ccmDelay: number) => {
    for (const server of servers) world.dns.behave(server, { delay });
    world.ccm(ENVIRONMENT).setDelay(ccmDelay);
  };
  set(propagation, ccm);
  return () => {
    faults.remove();
    set(0, 0);
  };
}
