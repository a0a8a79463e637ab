/** Issuance and upload side by side on one sandbox: by `up`, by the loop around certbot, and the bare issuance below both. */
import path from "node:path";
import type { StackRunner } from "../operate/stackRunner.ts";
import { startHandshakes } from "../sandbox/client/handshakes.ts";
import type { ApiCall } from "../sandbox/clouds/api.ts";
import { type DeployedEndpoint, deployedEndpoints } from "../sandbox/world/deployed.ts";
import type { World } from "../sandbox/world/startWorld.ts";
import { certbotLoop, hasCertbot, type LoopFigures } from "./certbotLoop.ts";
import { type Bench, inWorld, issueBareOne, manyEndpoints, succeed } from "./inWorld.ts";
import { seconds } from "./measure.ts";

export interface PeerOptions {
  /** Numbers of endpoints that `up` brings up and renews. */
  sizes: number[];
  /** Of them, those that the loop takes as well. It takes a quarter of a minute for each endpoint. */
  loopSizes: number[];
  /** Told what is about to be measured, and how long it takes. @default nobody is */
  tell?: (message: string) => void;
}

export interface Handshakes {
  made: number;
  failed: number;
}

export interface Up {
  seconds: number;
  /** Of it, from the first order until the authority's last answer. */
  acme: number;
}

export interface PeerPoint {
  endpoints: number;
  /** Seconds: acme-client alone, all certificates at once. */
  bare: number;
  firstUp: Up;
  /** Issuance, upload, swap and deletion of the old ones, with the handshakes at one of the endpoints meanwhile. */
  renewal: Up & { handshakes: Handshakes; cloudflareRequests: number };
  /** The same by the loop. */
  loop?: LoopFigures & { handshakes: Handshakes; cloudflareRequests: number };
}

export interface Peers {
  points: PeerPoint[];
  certbotFound: boolean;
}

/** ms between two handshakes: a client that never pauses would take a core from both. */
const PAUSE = 20;

export function measurePeers(projectDir: string, options: PeerOptions): Promise<Peers> {
  return inWorld(projectDir, async (bench) => {
    const certbotFound = await hasCertbot(path.join(bench.folder, "certbot"));
    const loopSizes = certbotFound ? options.loopSizes : [];
    const sizes = [...new Set([...options.sizes, ...loopSizes])].sort((a, b) => a - b);
    const points: PeerPoint[] = [];
    if (loopSizes.length > 0) options.tell?.(durationOf(loopSizes));
    for (const size of sizes) points.push(await compare(bench, size, loopSizes.includes(size)));
    return { points, certbotFound };
  });
}

/** certbot's plugin sleeps for 10 s, and its own start and work take a few more. */
const LOOP_SECONDS = 14;

function durationOf(sizes: number[]): string {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const minutes = Math.ceil((all * LOOP_SECONDS) / 60);
  return `The loop around certbot (endpoints: ${sizes.join(", ")}) takes them one by one: about ${minutes} minutes.`;
}

async function compare(bench: Bench, endpoints: number, withLoop: boolean): Promise<PeerPoint> {
  const { world, folder } = bench;
  const bare = await seconds(() =>
    Promise.all(Array.from({ length: endpoints }, () => issueBareOne(world))),
  );
  const stack = (more = {}) => bench.stack("staging", manyEndpoints(endpoints, more));
  const runner = stack();
  const firstUp = await timed(world, runner);
  const deployed = await deployedEndpoints(runner);
  const renewing = stack({ renewalTrigger: "bench" });
  const renewal = await witnessed(world, deployed, () => timed(world, renewing));
  const loop = withLoop
    ? await witnessed(world, deployed, () =>
        certbotLoop(world, deployed, path.join(folder, `certbot-${endpoints}`)),
      )
    : undefined;
  succeed(await runner.destroy());
  return { endpoints, bare, firstUp, renewal, ...(loop && { loop }) };
}

async function timed({ log }: World, runner: StackRunner): Promise<Up> {
  const before = log.calls.length;
  const took = await seconds(async () => succeed(await runner.up()));
  return { seconds: took, acme: acmeSpan(log.calls.slice(before)) };
}

/** Pebble's path. */
const NEW_ORDER = "order-plz";

/** Seconds. A call is recorded when it is answered. */
function acmeSpan(calls: ApiCall[]): number {
  const spans = calls
    .filter(({ api }) => api === "acme")
    .map(({ at, duration, path: asked }) => {
      const end = Date.parse(at);
      return { start: end - duration, end, isOrder: asked.includes(NEW_ORDER) };
    });
  const first = Math.min(...spans.filter(({ isOrder }) => isOrder).map(({ start }) => start));
  return (Math.max(...spans.map(({ end }) => end)) - first) / 1000;
}

/** A client holds handshakes with the first endpoint while `run` swaps its certificate. */
async function witnessed<T>(
  { proxy, roots, log }: World,
  [first]: DeployedEndpoint[],
  run: () => Promise<T>,
): Promise<T & { handshakes: Handshakes; cloudflareRequests: number }> {
  if (!first) throw new Error("the stack has no endpoint");
  const witness = startHandshakes({ proxy: proxy("staging"), host: first.domain, roots }, PAUSE);
  await witness.more(1);
  const before = log.calls.length;
  try {
    const figures = await run();
    const calls = log.calls.slice(before).filter(({ api }) => api === "cloudflare");
    // One handshake may have begun before the swap was done.
    await witness.more(2);
    const { made, failures, serials } = await witness.stop();
    if (serials.length !== 2)
      throw new Error(`one swap was to be seen at ${first.domain}; the serials: ${serials}`);
    const handshakes = { made, failed: failures.length };
    return { ...figures, handshakes, cloudflareRequests: calls.length };
  } finally {
    await witness.stop();
  }
}
