import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import os from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { endpointReports } from "../../operate/endpointReport.ts";
import { EXIT, type RenewOptions, renew } from "../../operate/renew.ts";
import { served } from "../../sandbox/client/request.ts";
import { makeDue, only, watchWrites } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

/** Seconds. */
const LIFETIME = 120;
/** Due soon, and with time left for a run on a machine that is busy. */
const EARLY = "85%";
const PROFILES = { long: 90 * 24 * 3600, brief: LIFETIME };

vi.setConfig({ testTimeout: 240_000 });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage(PROFILES);
});
afterAll(() => stage.close());

async function stackWith(label: string, profile: keyof typeof PROFILES): Promise<Stack> {
  const stack = stage.stack();
  // Pebble's renewal information has any moment of a brief life as its window.
  stack.declare(label, { profile, renewBefore: profile === "brief" ? EARLY : "1/3" });
  stack.configure((settings) => {
    // Any time within a window that the authority gives is before the next run then.
    settings["private-lb:renewalInterval"] = profile === "brief" ? "5s" : "12h";
  });
  const { errors } = await stack.runner.up();
  expect(errors).toEqual([]);
  return stack;
}

async function due({ runner }: Stack): Promise<void> {
  const [report] = await endpointReports(runner, new Date());
  const wait = Date.parse(report?.nextRenewal ?? "") - Date.now();
  expect(wait).toBeLessThan(LIFETIME * 1000);
  if (wait >= 0) await delay(wait + 1);
}

const renewed = ({ runner }: Stack, options: Partial<RenewOptions> = {}) =>
  renew(runner, { stack: "staging", ...options });

const serialAt = async (host: string) =>
  (await served({ proxy: stage.world.proxy("staging"), host, roots: stage.world.roots })).serial;

describe("a renewal", () => {
  test("does nothing where nothing is due", async () => {
    const stack = await stackWith("fresh", "long");
    const writes = watchWrites(stage.world);
    const { outcome, exitCode, endpoints } = await renewed(stack);
    expect({ outcome, exitCode }).toEqual({ outcome: "nothing due", exitCode: EXIT.done });
    expect(writes()).toEqual([]);
    const [{ daysLeft, serial, status } = { daysLeft: 0 }] = endpoints;
    expect(daysLeft).toBeGreaterThan(89);
    expect({ serial, status }).toEqual({
      serial: await serialAt(stack.domain("fresh")),
      status: "valid",
    });
  });

  test("brings a new certificate to the frontend when one is due", async () => {
    const stack = await stackWith("due", "brief");
    const domain = stack.domain("due");
    const old = await serialAt(domain);
    await due(stack);
    const renewal = await renewed(stack);
    expect(renewal).toMatchObject({ errors: [], outcome: "renewed", exitCode: EXIT.done });
    expect(renewal.renewed).toEqual([domain]);
    const now = await serialAt(domain);
    expect(now).not.toBe(old);
    expect(renewal.endpoints).toMatchObject([{ domain, serial: now }]);
    const left = stage.world.scaleway.inventory().certificates.map(({ name }) => name);
    expect(left.filter((name) => name.startsWith(domain))).toHaveLength(1);
  });

  test("changes nothing when something else would change too", async () => {
    const stack = await stackWith("guarded", "long");
    const domain = stack.domain("guarded");
    const old = await serialAt(domain);
    await makeDue(stage, stack);
    stack.configure((settings) => {
      for (const endpoint of settings["private-lb:endpoints"])
        endpoint["extraPorts"] = [{ name: "more", port: 8443 }];
    });
    const writes = watchWrites(stage.world);
    const { outcome, exitCode, refused } = await renewed(stack);
    expect({ outcome, exitCode }).toEqual({ outcome: "guard", exitCode: EXIT.guard });
    expect(refused.map(({ type }) => type)).toContain("kubernetes:core/v1:Service");
    expect(refused.map(({ type }) => type)).not.toContain("pulumi-nodejs:dynamic/acme:Certificate");
    expect(writes()).toEqual([]);
    expect(await serialAt(domain)).toBe(old);
  });

  test("after a setting was changed and applied changes nothing but what a renewal does", async () => {
    const { world } = stage;
    const stack = await stackWith("changed", "long");
    stack.configure((settings) => {
      for (const endpoint of settings["private-lb:endpoints"])
        endpoint["sourceRanges"] = ["172.16.0.0/22"];
    });
    expect((await stack.runner.up()).errors).toEqual([]);
    await makeDue(stage, stack);
    const { certificateId } = await only(stack);
    const records = world.cloudflare.inventory();
    const writes = watchWrites(world);
    const renewal = await renewed(stack);
    expect(renewal).toMatchObject({ errors: [], refused: [], renewed: [stack.domain("changed")] });
    const asked = writes().map(({ api, method, path }) => `${api} ${method} ${path}`);
    // There may be a challenge's record, or none: Pebble goes on with what was proved before by chance.
    expect(world.cloudflare.inventory()).toEqual(records);
    expect(asked.filter((call) => !/^(acme|cloudflare) /.test(call))).toEqual([
      expect.stringMatching(/^scaleway POST .*\/certificates$/),
      expect.stringMatching(/^kubernetes PATCH .*\/services\/changed-/),
      `scaleway DELETE /lb/v1/zones/fr-par-1/certificates/${certificateId}`,
    ]);
    expect((await stack.runner.preview({ refresh: true })).summary).toEqual({
      same: expect.any(Number),
    });
  });

  test("with the CCM down fails, keeps the old certificate, and completes with the next run", async () => {
    const { world } = stage;
    const stack = await stackWith("stalled", "long");
    const domain = stack.domain("stalled");
    stack.configure((settings) => {
      settings["private-lb:frontendTimeout"] = 3;
    });
    const old = await serialAt(domain);
    await makeDue(stage, stack);
    await world.ccm("staging").stop();
    try {
      const failed = await renewed(stack, { urgentWithin: 1 });
      expect(failed).toMatchObject({ outcome: "failed", exitCode: EXIT.failed, renewed: [] });
      expect(failed.errors.join()).toContain("frontend");
      expect(failed.endpoints).toMatchObject([
        { serial: old, status: expect.stringMatching(/^issued, not served/) },
      ]);
      expect(await serialAt(domain)).toBe(old);
    } finally {
      await world.ccm("staging").start();
    }
    const completed = await renewed(stack);
    expect(completed).toMatchObject({ errors: [], exitCode: EXIT.done, renewed: [domain] });
    expect(await serialAt(domain)).not.toBe(old);
  });

  test("of a leaked key is an up's, and what the authority has not revoked then the schedule has revoked", async () => {
    const { acme } = stage.world;
    const stack = await stackWith("leaked", "long");
    const domain = stack.domain("leaked");
    const old = await serialAt(domain);
    stack.configure((settings) => {
      for (const endpoint of settings["private-lb:endpoints"])
        endpoint["renewalTrigger"] = "leak-2026-11-21";
    });
    expect(await renewed(stack)).toMatchObject({ outcome: "guard", exitCode: EXIT.guard });

    const refuse = acme.intercept(({ path }) =>
      path.includes("revoke-cert") ? { status: 403, body: "not today" } : undefined,
    );
    const failed = await stack.runner.up().finally(refuse);
    expect(failed.errors).toEqual([expect.stringContaining(`revoking the certificate ${old}`)]);
    const now = await serialAt(domain);
    expect(now).not.toBe(old);
    expect(await acme.isRevoked(old)).toBe(false);

    const completed = await renewed(stack);
    expect(completed).toMatchObject({ errors: [], exitCode: EXIT.done, renewed: [] });
    expect([await acme.isRevoked(old), await acme.isRevoked(now)]).toEqual([true, false]);
    expect(await serialAt(domain)).toBe(now);
    const left = stage.world.scaleway.inventory().certificates.map(({ name }) => name);
    expect(left.filter((name) => name.startsWith(domain))).toHaveLength(1);
    expect((await stack.runner.preview({ refresh: true })).summary).toEqual({
      same: expect.any(Number),
    });
    await stack.runner.destroy();
    const secrets = JSON.stringify(await stack.runner.exportState());
    expect(secrets).not.toContain("PRIVATE KEY");
  });

  test("names a lock that a killed run has left, and clears it when it is told to", async () => {
    const stack = await stackWith("locked", "long");
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const since = new Date(Date.now() - 3 * 3_600_000).toISOString();
    const holder = { pid, owner: "ada", host: os.hostname(), command: "up staging", since };
    writeFileSync(`${stack.stateFile}.lock`, JSON.stringify(holder));
    const refused = await renewed(stack);
    expect(refused.exitCode).toBe(EXIT.failed);
    expect(refused.errors.join()).toMatch(/locked by ada@\S+ for 3 h/);
    const cleared = await renewed(stack, { clearLockAfter: 2 * 3_600_000 });
    expect(cleared).toMatchObject({ errors: [], exitCode: EXIT.done });
    expect(cleared.warnings.join()).toMatch(/locked by ada@\S+ for 3 h: cleared/);
  });
});
