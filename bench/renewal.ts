/** One renewal: how long until the new certificate is served, what it asks of each API, and what clients notice. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { endpointReports } from "../operate/endpointReport.ts";
import { EXIT, renew } from "../operate/renew.ts";
import type { StackRunner } from "../operate/stackRunner.ts";
import { startHandshakes } from "../sandbox/client/handshakes.ts";
import type { ApiName } from "../sandbox/clouds/api.ts";
import { createStackRunner } from "../sandbox/world/stack.ts";
import { copyStackFile } from "../sandbox/world/stackFile.ts";
import { startWorld, type World } from "../sandbox/world/startWorld.ts";
import type { Row } from "./measure.ts";

const APIS: ApiName[] = ["acme", "cloudflare", "scaleway", "kubernetes"];
const STACK = "staging";
const DOMAIN = "renewed.example.net";
/** Seconds; due after a tenth of it. */
const LIFETIME = 120;

export async function measureRenewal(projectDir: string): Promise<Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "private-lb-bench-"));
  const world = await startWorld({ folder, profiles: { brief: LIFETIME } });
  try {
    return await measure(projectDir, folder, world);
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(projectDir: string, folder: string, world: World): Promise<Row[]> {
  const runner = createRunner(projectDir, folder, world);
  const up = await runner.up();
  if (!up.ok) throw new Error(up.errors.join("; "));
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
  const calls = world.log.calls.slice(before).filter(({ client }) => !client?.includes("ccm"));
  const count = (api: ApiName) => calls.filter((call) => call.api === api).length;
  return [
    { what: "new serial served", value: served, unit: "s", note: "after the start of `renew`" },
    { what: "handshakes held", value: made, unit: "handshakes", note: "while it ran" },
    { what: "handshakes failed", value: failures.length, unit: "handshakes", goal: 0 },
    ...APIS.map((api): Row => ({ what: `  to ${api}`, value: count(api), unit: "requests" })),
  ];
}

function createRunner(projectDir: string, folder: string, { env }: World): StackRunner {
  const configFile = path.join(folder, `Pulumi.${STACK}.yaml`);
  copyStackFile(path.join(projectDir, `Pulumi.${STACK}.yaml`), configFile, (settings) => {
    const selector = { "app.kubernetes.io/name": "test" };
    settings["private-lb:renewalInterval"] = "5s";
    settings["private-lb:endpoints"] = [
      { domain: DOMAIN, namespace: "ops-tools", profile: "brief", renewBefore: "90%", selector },
    ];
  });
  const stateDir = path.join(folder, "state");
  return createStackRunner({ projectDir, stack: STACK, stateDir, configFile, env });
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
