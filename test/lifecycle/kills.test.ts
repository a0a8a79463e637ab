/** Renewals that are killed, engine and all, at one request after the other: what is left, and what the next run does. */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { EXIT, renew } from "../../operate/renew.ts";
import { startHandshakes } from "../../sandbox/client/handshakes.ts";
import { served } from "../../sandbox/client/request.ts";
import { anyAlive, startRun } from "./kills/killable.ts";
import { nameOf, onInstant, type Recorded, recordInstants } from "./kills/moments.ts";
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
  stage.world.acme.intercept(({ path }) => {
    if (path.startsWith("/finalize-order/")) issued++;
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

/** All that a renewal asks, which is not its stack's first: that one has fields of the Service to take over. */
async function record(): Promise<Recorded[]> {
  due = (await only(stack)).serial;
  expect((await renew(stack.runner, { stack: "staging" })).outcome).toBe("renewed");
  due = (await only(stack)).serial;
  const stop = recordInstants(stage.world, stack.stateFile);
  expect(await startRun(stack, "renew").ended).toBe("");
  return stop();
}

/** Between the authority's issuing and the saving of what it issued. */
function unsaved(recorded: Recorded[]): Set<Recorded> {
  const from = recorded.findIndex(
    ({ request, moment }) => request.includes("/finalize-order/") && moment === "done",
  );
  const { situation } = recorded[from] as Recorded;
  return new Set(recorded.filter((instant) => instant.situation === situation));
}

/** The faults of the world and of the next run, after one that was killed at that instant. */
async function killAt(instant: Recorded, mayWaste: boolean): Promise<string[]> {
  const { world } = stage;
  const before = await only(stack);
  due = before.serial;
  const issuedBefore = issued;
  const run = startRun(stack, "renew");
  const came = onInstant(world, instant, () => run.killTree());
  const said = await run.ended;
  if (!came()) return [`the instant did not come: ${said}`];
  const isLocked = existsSync(`${stack.stateFile}.lock`);

  const next = await renew(stack.runner, { stack: "staging", clearLockAfter: 0 });
  const after = await only(stack);
  const certificates = world.scaleway.inventory().certificates.map(({ id }) => id);
  const txt = world.cloudflare.inventory().filter(({ type }) => type === "TXT");
  const target = { proxy: world.proxy("staging"), host: after.domain, roots: world.roots };
  const { deployment } = await stack.runner.exportState();
  const { pending_operations: pending = [] } = deployment as { pending_operations?: unknown[] };
  const wasted = issued - issuedBefore - 1;
  const checks: [boolean, string][] = [
    [next.exitCode === EXIT.done, `the next run: ${next.outcome}: ${next.errors.join("; ")}`],
    [
      /locked by \S+ for .*: cleared/.test(next.warnings.join()) === isLocked,
      "the lock was not named",
    ],
    [after.serial !== before.serial, "it was not renewed"],
    [wasted >= 0 && wasted <= (mayWaste ? 1 : 0), `${wasted} certificates beyond need`],
    [certificates.join() === after.certificateId, `load balancer certificates: ${certificates}`],
    [txt.length === 0, `TXT records: ${txt.map(({ name, comment }) => `${name} ${comment}`)}`],
    [pending.length === 0, `pending operations: ${JSON.stringify(pending)}`],
    [(await served(target)).serial === after.serial, "another certificate is served"],
  ];
  return checks.filter(([isRight]) => !isRight).map(([, fault]) => fault);
}

/**
 * Between two changes, of the clouds or of the stack's state, it makes no difference for the next run where a renewal
 * was killed: it is killed once in each such situation, and with KILLS=all at every request, before and after its effect.
 */
function wanted(recorded: Recorded[]): Recorded[] {
  if (process.env["KILLS"] === "all") return recorded;
  return [...Map.groupBy(recorded, ({ situation }) => situation).values()].flatMap(([first]) =>
    first ? [first] : [],
  );
}

test("a renewal that is killed at any of its requests is completed by the next run", async () => {
  const recorded = await record();
  const wasting = unsaved(recorded);
  const { world } = stage;
  const host = stack.domain("killed");
  const witness = startHandshakes({ proxy: world.proxy("staging"), host, roots: world.roots }, 100);
  const faults: string[] = [];
  for (const instant of wanted(recorded)) {
    const found = await killAt(instant, wasting.has(instant));
    faults.push(...found.map((fault) => `killed when ${nameOf(instant)}: ${fault}`));
  }
  const { failures } = await witness.stop();
  expect({ faults, failures }).toEqual({ faults: [], failures: [] });
  // A list that is cut short would prove little.
  const changed = recorded.filter(({ moment }) => moment === "done").map(({ request }) => request);
  expect(changed.map((request) => request.split(" ").slice(0, 2).join(" "))).toEqual([
    "acme POST",
    "cloudflare POST",
    "acme POST",
    "cloudflare DELETE",
    "acme POST",
    "scaleway POST",
    "kubernetes PATCH",
    "scaleway DELETE",
  ]);
});

test("a provider that outlives its killed engine asks for nothing more", async () => {
  due = (await only(stack)).serial;
  const { world } = stage;
  const run = startRun(stack, "renew");
  let left: number[] = [];
  const late: string[] = [];
  const record = { request: "cloudflare POST /client/v4/zones/{id}/dns_records", occurrence: 1 };
  const came = onInstant(world, { ...record, moment: "done" }, async () => {
    left = run.tree();
    await run.killEngine();
    // The record's answer goes out now, to a provider that could go on with it.
    world.log.onCall(({ client = "", method, path }) => {
      if (!/ccm|cloud-controller|undici/.test(client)) late.push(`${method} ${path}`);
    });
  });
  expect(await run.ended).toBeUndefined();
  await vi.waitFor(() => expect(anyAlive(left)).toBe(false), { timeout: 10_000, interval: 20 });
  expect(came()).toBe(true);
  // The request during which the engine died.
  expect(late.filter((call) => !/^POST .*\/dns_records$/.test(call))).toEqual([]);
  const next = await renew(stack.runner, { stack: "staging", clearLockAfter: 0 });
  expect(next).toMatchObject({ errors: [], outcome: "renewed" });
  expect(world.cloudflare.inventory().filter(({ type }) => type === "TXT")).toEqual([]);
});
