/**
 * Years of renewals in minutes, with no clock faked: certificates that live for seconds by a profile of Pebble's, a
 * schedule scaled alike, and a client that makes handshakes all the while.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EXIT, renew } from "../../operate/renew.ts";
import { startHandshakes, type Witness } from "../client/handshakes.ts";
import { createStackRunner } from "../world/stack.ts";
import { copyStackFile } from "../world/stackFile.ts";
import { startWorld, type World } from "../world/startWorld.ts";
import { LIFETIME } from "./lifetime.ts";

export interface SoakOptions {
  projectDir: string;
  /** @default 24 */
  renewals?: number;
  /** @default 4 */
  endpoints?: number;
  /** Of a certificate, s. @default 75 */
  lifetime?: number;
  /** Takes a line for each API call. @default none is written */
  callFile?: string;
  /** The most that all may take, s. @default 360 */
  within?: number;
  print: (line: string) => void;
  signal?: AbortSignal;
}

export interface SoakResult {
  passed: boolean;
  renewals: number;
  /** Runs of the schedule, those with nothing due among them. */
  runs: number;
  /** s */
  longestRun: number;
  certificatesIssued: number;
  handshakesMade: number;
  handshakesFailed: number;
  /** What is left in the clouds after the stack was destroyed. */
  leftovers: string[];
  /** Why it has not passed. */
  faults: string[];
  seconds: number;
}

const STACK = "staging";
const PROFILE = "soak";
const ZONE = "example.net";
/** A schedule of 12 hours looks at a certificate of 6 days so often in its life. */
const RUNS_IN_A_LIFE = 12;
/** Of a client between two handshakes, ms: without one the clients would slow down what they watch. */
const PAUSE = 20;
/** More than the rule's half: a run takes seconds also where a life has but some tens of them. */
const RENEWED_BEFORE = "9/10";
const RUNS_LIVED_THROUGH = 1.5;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const folder = mkdtempSync(path.join(tmpdir(), "private-lb-soak-"));
  const profiles = { [PROFILE]: options.lifetime ?? LIFETIME };
  try {
    const { callFile, print: onProgress } = options;
    const world = await startWorld({
      folder,
      profiles,
      onProgress,
      ...(callFile !== undefined && { callFile }),
    });
    try {
      return await new Soak(options, world, folder).run();
    } finally {
      await world.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class Soak {
  readonly #options: SoakOptions;
  readonly #world: World;
  readonly #domains: string[];
  readonly #runner;
  readonly #started = performance.now();
  readonly #faults: string[] = [];
  #runs = 0;
  #longestRun = 0;
  #renewals = 0;

  constructor(options: SoakOptions, world: World, folder: string) {
    const { projectDir, endpoints = 4, lifetime = LIFETIME } = options;
    this.#options = options;
    this.#world = world;
    this.#domains = Array.from({ length: endpoints }, (_, i) => `soak-${i + 1}.${ZONE}`);
    const configFile = path.join(folder, `Pulumi.${STACK}.yaml`);
    copyStackFile(path.join(projectDir, `Pulumi.${STACK}.yaml`), configFile, (settings) => {
      settings["private-lb:endpoints"] = this.#domains.map((domain) => ({
        domain,
        namespace: "ops-tools",
        profile: PROFILE,
        selector: { "app.kubernetes.io/name": "test" },
        // Pebble's renewal information has any moment of so short a life as its window.
        renewBefore: RENEWED_BEFORE,
      }));
      settings["private-lb:renewalInterval"] = `${Math.ceil(lifetime / RUNS_IN_A_LIFE)}s`;
    });
    const stateDir = path.join(folder, "state");
    const { env } = world;
    this.#runner = createStackRunner({ projectDir, stack: STACK, stateDir, configFile, env });
  }

  async run(): Promise<SoakResult> {
    const seen: Witness[] = [];
    const up = await this.#runner.up();
    this.#faults.push(...up.errors);
    if (up.ok) {
      const witnesses = this.#domains.map((host) => startHandshakes(this.#target(host), PAUSE));
      try {
        await this.#renewUntilDone();
      } finally {
        seen.push(...(await Promise.all(witnesses.map((witness) => witness.stop()))));
      }
    }
    this.#faults.push(...seen.flatMap(({ failures }) => failures.slice(0, 3)));
    this.#faults.push(...(await this.#runner.destroy()).errors);
    return await this.#result(seen);
  }

  async #renewUntilDone(): Promise<void> {
    const { renewals = 24, lifetime = LIFETIME, within = 360, signal } = this.#options;
    const pause = (lifetime * 1000) / RUNS_IN_A_LIFE;
    while (this.#renewals < renewals && this.#faults.length === 0) {
      if (signal?.aborted) this.#faults.push("ended before it was done");
      else if (this.#seconds() > within) this.#faults.push(`not done within ${within} s`);
      else await this.#renew(performance.now() + pause);
    }
  }

  /** @param next when the schedule comes round again, by the performance clock */
  async #renew(next: number): Promise<void> {
    const before = this.#seconds();
    const { outcome, exitCode, renewed, endpoints, ...told } = await renew(this.#runner, {
      stack: STACK,
      signal: this.#options.signal,
    });
    this.#runs++;
    this.#longestRun = Math.max(this.#longestRun, this.#seconds() - before);
    for (const { domain, serial = "", notAfter = "" } of endpoints) {
      if (!renewed.includes(domain)) continue;
      const left = ((Date.parse(notAfter) - Date.now()) / 1000).toFixed(0);
      const number = String(++this.#renewals).padStart(3);
      const took = (this.#seconds() - before).toFixed(1);
      this.#options.print(
        `${number}  ${domain}  serial ${serial.padStart(16)}  ${left} s left  in a run of ${took} s`,
      );
    }
    if (exitCode !== EXIT.done)
      this.#faults.push(`run ${this.#runs}: ${outcome}`, ...told.errors, ...told.warnings);
    if (renewed.length === 0) await delay(Math.max(0, next - performance.now()));
  }

  async #result(seen: Witness[]): Promise<SoakResult> {
    const leftovers = Object.entries(await this.#world.leftovers()).flatMap(([kind, names]) =>
      names.map((name) => `${kind} ${name}`),
    );
    const sum = (count: (witness: Witness) => number) =>
      seen.reduce((total, witness) => total + count(witness), 0);
    const serials = sum(({ serials: each }) => each.length);
    const certificatesIssued = this.#issued();
    const expected = this.#domains.length + this.#renewals;
    if (certificatesIssued !== expected)
      this.#faults.push(`${certificatesIssued} certificates issued for ${expected} that are used`);
    const { lifetime = LIFETIME } = this.#options;
    const longestRun = Math.round(this.#longestRun);
    if (this.#faults.length > 0 && this.#longestRun * RUNS_LIVED_THROUGH > lifetime)
      this.#faults.push(
        `a run took ${longestRun} s: certificates of ${lifetime} s do not last on this machine, use --lifetime`,
      );
    if (this.#faults.length === 0 && serials !== expected)
      this.#faults.push(`clients saw ${serials} serials of ${expected}`);
    this.#faults.push(...leftovers.map((each) => `left over: ${each}`));
    return {
      passed: this.#faults.length === 0,
      renewals: this.#renewals,
      runs: this.#runs,
      longestRun,
      certificatesIssued,
      handshakesMade: sum(({ made }) => made),
      handshakesFailed: sum(({ failures }) => failures.length),
      leftovers,
      faults: this.#faults,
      seconds: Math.round(this.#seconds()),
    };
  }

  #issued(): number {
    return this.#world.log.calls.filter(
      ({ api, path: at, status }) =>
        api === "acme" && at.includes("/finalize-order/") && status === 200,
    ).length;
  }

  #target(host: string) {
    return { proxy: this.#world.proxy(STACK), host, roots: this.#world.roots };
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }
}
