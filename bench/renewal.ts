/** One renewal: how long until the new certificate is served, what it asks of each API, and what clients notice. */
import { setTimeout as delay } from "node:timers/promises";
import { endpointReports } from "../operate/endpointReport.ts";
import { EXIT, renew } from "../operate/renew.ts";
import type { StackRunner } from "../operate/stackRunner.ts";
import { startHandshakes } from "../sandbox/client/handshakes.ts";
import type { ApiName } from "../sandbox/clouds/api.ts";
import { APIS, type Bench, inWorld, isOfCcm, succeed } from "./inWorld.ts";
import type { Row } from "./measure.ts";

const STACK = "staging";
const DOMAIN = "renewed.example.net";
/** Seconds; due after a tenth of it. */
const LIFETIME = 120;

export function measureRenewal(projectDir: string): Promise<Row[]> {
  return inWorld(projectDir, measure, { profiles: { brief: LIFETIME } });
}

async function measure({ stack, world }: Bench): Promise<Row[]> {
  const runner = stack(STACK, (settings) => {
    const selector = { "app.kubernetes.io/name": "test" };
    settings["private-lb:renewalInterval"] = "5s";
    settings["private-lb:endpoints"] = [
      { domain: DOMAIN, namespace: "ops-tools", profile: "brief", renewBefore: "90%", selector },
    ];
  });
  succeed(await runner.up());
  await due(runner);
  const proxy = world.proxy(STACK);
  const witness = startHandshakes({ proxy, host: DOMAIN, roots: world.roots });
  await witness.more(1);
  const before = world.log.calls.length;
  const started = performance.now();
  const [renewal, served] = await Promise.all([
    renew(runner, { stack: STACK }),
    secondSerial(witness.seen, started),
  ]);
  const { made, failures } = await witness.stop();
  if (renewal.exitCode !== EXIT.done) throw new Error(renewal.errors.join("; "));
  const calls = world.log.calls.slice(before).filter((call) => !isOfCcm(call));
  const count = (api: ApiName) => calls.filter((call) => call.api === api).length;
  return [
    { what: "new serial served", value: served, unit: "s", note: "after the start of `renew`" },
    { what: "handshakes held", value: made, unit: "handshakes", note: "while it ran" },
    { what: "handshakes failed", value: failures.length, unit: "handshakes", goal: 0 },
    ...APIS.map((api): Row => ({ what: `  to ${api}`, value: count(api), unit: "requests" })),
  ];
}

async function due(runner: StackRunner): Promise<void> {
  const [report] = await endpointReports(runner, new Date());
  await delay(Math.max(0, Date.parse(report?.nextRenewal ?? "") - Date.now() + 1));
}

/** Seconds since `started` until a client was served a second serial; at most the certificate's life. */
async function secondSerial(seen: { serials: string[] }, started: number): Promise<number> {
  const passed = () => (performance.now() - started) / 1000;
  while (seen.serials.length < 2) {
    if (passed() > LIFETIME) throw new Error(`no new serial was served within ${LIFETIME} s`);
    await delay(10);
  }
  return passed();
}
