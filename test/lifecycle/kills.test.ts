/** Renewals that are killed, engine and all or the engine alone: what is left, and what the next run does. */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { EXIT, renew } from "../../operate/renew.ts";
import { startHandshakes } from "../../sandbox/client/handshakes.ts";
import { served } from "../../sandbox/client/request.ts";
import { addFigures } from "../figures.ts";
import { anyAlive, type KillableRun, startRun } from "./kills/killable.ts";
import { nameOf, onInstant } from "./kills/moments.ts";
import {
  describeKill,
  isUnsaved,
  type Kill,
  killAnew,
  recordKills,
  Situations,
} from "./kills/situations.ts";
import { only, standing } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

const HOUR = 3_600_000;

vi.setConfig({ testTimeout: process.env["KILLS"] === "all" ? 1_800_000 : 600_000 });

let stage: Stage;
let stack: Stack;
/** The serial of the certificate that the authority wants to be renewed. */
let due = "";
let issued = 0;

beforeAll(async () => {
  // Which requests there are is then no matter of chance.
  stage = await startStage(undefined, { caprice: { nonceReject: 0, authorizationReuse: 0 } });
  stage.world.acme.intercept(({ path }) => renewalInfo(path));
  stage.world.acme.intercept(({ path, answer }) => {
    // An order that is not ready yet is refused, and finalised a moment later.
    if (path.startsWith("/finalize-order/") && answer?.status === 200) issued++;
    return undefined;
  }, "done");
  stack = await standing(stage, "killed");
});
afterAll(() => stage.close());

/** The authority's word on one certificate: now. Of others it has nothing to say, and is asked again each time. */
function renewalInfo(path: string) {
  const [, serial] = /\/renewalInfo\/[^.]+\.([\w-]+)$/.exec(path) ?? [];
  if (serial === undefined) return undefined;
  const hex = Buffer.from(serial, "base64url").toString("hex").replace(/^0+/, "");
  const headers = { "content-type": "application/json" };
  if (hex !== due) return { status: 404, headers, body: {} };
  const [start, end] = [Date.now(), Date.now() + HOUR].map((at) => new Date(at).toISOString());
  return { status: 200, headers, body: { suggestedWindow: { start, end } } };
}

interface Before {
  serial: string;
  /** How many certificates the authority had issued. */
  issued: number;
}

async function wantRenewed(): Promise<Before & { certificateId: string }> {
  const { serial, certificateId } = await only(stack);
  due = serial;
  return { serial, certificateId, issued };
}

/** What is wrong with the world after the run that was to complete a renewal. */
async function faultsAfter(before: Before, wasted: number): Promise<string[]> {
  const { world } = stage;
  const after = await only(stack);
  const certificates = world.scaleway.inventory().certificates.map(({ id }) => id);
  const txt = world.cloudflare.inventory().filter(({ type }) => type === "TXT");
  const target = { proxy: world.proxy("staging"), host: after.domain, roots: world.roots };
  const { deployment } = await stack.runner.exportState();
  const { pending_operations: pending = [] } = deployment as { pending_operations?: unknown[] };
  const beyond = issued - before.issued - 1;
  const checks: [boolean, string][] = [
    [after.serial !== before.serial, "it was not renewed"],
    [beyond >= 0 && beyond <= wasted, `${beyond} certificates beyond need`],
    [certificates.join() === after.certificateId, `load balancer certificates: ${certificates}`],
    [txt.length === 0, `TXT records: ${txt.map(({ name, comment }) => `${name} ${comment}`)}`],
    [pending.length === 0, `pending operations: ${JSON.stringify(pending)}`],
    [(await served(target)).serial === after.serial, "another certificate is served"],
  ];
  return checks.filter(([isRight]) => !isRight).map(([, fault]) => fault);
}

function witness() {
  const { world } = stage;
  const host = stack.domain("killed");
  return startHandshakes({ proxy: world.proxy("staging"), host, roots: world.roots }, 250);
}

/** A run that is killed at a request has no process left soon after, also where only its engine was killed. */
async function ended(run: KillableRun, left: () => number[]): Promise<string | undefined> {
  const said = await run.ended;
  await vi.waitFor(() => expect(anyAlive(left())).toBe(false), { timeout: 10_000, interval: 20 });
  return said;
}

/**
 * The CCM's work and a read change nothing for the next run: only a change, of the clouds or of the stack's state, makes
 * another situation. A run whose request was answered by then has its engine killed alone, since its provider could go
 * on with the answer, and at the barrier and before the order; else all of its processes are.
 */
const isOrphaning = ({ moment, request }: Kill) =>
  moment === "done" || /acme|frontends/.test(request);

test("a renewal that is killed in each situation that it comes to, run after run, is completed by the next run", async () => {
  const { world } = stage;
  const seen = witness();
  const before = await wantRenewed();
  const kills: Kill[] = [];
  const faults: string[] = [];
  const lost: number[] = [];
  const anew = killAnew(world, new Situations(stack.stateFile, before), kills);
  for (let isKilled = true; isKilled; ) {
    // From its first change on a renewal asks what an `up` asks, and is half as long without its preview.
    const run = startRun(stack, kills.length < 2 ? "renew" : "up");
    const issuedBefore = issued;
    let left: number[] = [];
    const end = anew(async (where) => {
      left = run.tree();
      if (isOrphaning(where)) await run.killEngine();
      else run.killTree();
    });
    const said = await ended(run, () => left);
    const { where, late } = end();
    isKilled = where !== undefined;
    if (where && isUnsaved(where)) lost.push(issued - issuedBefore);
    const place = where ? describeKill(where) : "not killed";
    const isRight = isKilled ? said === undefined : said === "";
    if (!isRight) faults.push(`${place}: it ended by itself: ${said}`);
    if (where && isOrphaning(where) && late.length > 0)
      faults.push(`${place}: its provider has asked for more: ${late.join(", ")}`);
  }
  const { exitCode, errors } = await renew(stack.runner, { stack: "staging", clearLockAfter: 0 });
  if (exitCode !== EXIT.done) faults.push(`the last run: ${errors.join("; ")}`);
  faults.push(...(await faultsAfter(before, lost.filter((count) => count > 0).length)));
  const { failures, made } = await seen.stop();
  addFigures({
    "certificates beyond need": issued - before.issued - 1,
    ...{ "handshakes made": made, "handshakes failed": failures.length },
  });
  expect({ faults, failures }).toEqual({ faults: [], failures: [] });
  expect(Math.max(...lost)).toBe(1);
  // A list that is cut short would prove little.
  const places = kills.map((kill) => `${isOrphaning(kill) ? "engine" : "all"}: ${nameOf(kill)}`);
  for (const expected of PLACES) expect(places).toContainEqual(expect.stringMatching(expected));
});

const PLACES = [
  /^all: \w+ GET .* arrives$/,
  /^engine: acme GET \/dir.* arrives$/,
  /^engine: acme POST \/order-plz done$/,
  /^engine: cloudflare POST .*\/dns_records done$/,
  /^engine: acme POST \/chalZ\/\{id\} done$/,
  /^engine: cloudflare DELETE .*\/dns_records\/\{id\} done$/,
  /^engine: acme POST \/finalize-order\/\{id\} done$/,
  /^engine: scaleway POST .*\/certificates done$/,
  /^engine: kubernetes PATCH .*\/services\/\S+ done$/,
  /^engine: scaleway GET .*\/frontends.* arrives$/,
  /^engine: scaleway DELETE .*\/certificates\/\{id\} done$/,
];

test.runIf(process.env["KILLS"] === "all")(
  "a renewal that is killed at any of its requests, before and after its effect, is completed by the next run",
  async () => {
    const { world } = stage;
    const seen = witness();
    const situations = new Situations(stack.stateFile, await wantRenewed());
    const stop = recordKills(world, situations);
    expect(await startRun(stack, "renew").ended).toBe("renewed");
    const faults: string[] = [];
    for (const kill of stop()) {
      const before = await wantRenewed();
      const run = startRun(stack, "renew");
      const came = onInstant(world, kill, () => run.killTree());
      const said = await run.ended;
      const isLocked = existsSync(`${stack.stateFile}.lock`);
      const lost = isUnsaved(kill) && issued > before.issued ? 1 : 0;
      const next = await renew(stack.runner, { stack: "staging", clearLockAfter: 0 });
      const isNamed = /locked by \S+ for .*: cleared/.test(next.warnings.join());
      // How often a thing is asked for that is not ready yet depends on how busy the machine is.
      const isMissed = !came() && !(kill.occurrence > 1 && said === "renewed");
      const found = [
        ...(isMissed ? [`the instant did not come: ${said}`] : []),
        ...(isLocked === isNamed ? [] : ["the lock was not named"]),
        ...(next.exitCode === EXIT.done ? [] : [`the next run: ${next.errors.join("; ")}`]),
        ...(await faultsAfter(before, lost)),
      ];
      faults.push(...found.map((fault) => `killed when ${nameOf(kill)}: ${fault}`));
    }
    const { failures } = await seen.stop();
    expect({ faults, failures }).toEqual({ faults: [], failures: [] });
  },
);
