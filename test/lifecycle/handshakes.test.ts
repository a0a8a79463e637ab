/** What clients notice of a renewal: one that makes a new TLS handshake as soon as it has made the last. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { EXIT, type Renewal, renew } from "../../operate/renew.ts";
import { startHandshakes, type Witness } from "../../sandbox/client/handshakes.ts";
import { only, succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

const HOUR = 3_600_000;
/** Handshakes to be seen before and after a run. */
const MARGIN = 20;

vi.setConfig({ testTimeout: 240_000 });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

/** A stack whose one certificate its authority wants renewed now. */
async function dueStack(label: string): Promise<Stack> {
  const stack = stage.stack();
  stack.declare(label);
  await succeed(stack.runner.up());
  const state = await stack.runner.exportState({ showSecrets: true });
  const [pem = ""] =
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(leafOf(state)) ?? [];
  const [start, end] = [new Date(Date.now() - HOUR), new Date(Date.now() + HOUR)];
  await stage.world.acme.setRenewalInfo(pem, { start, end });
  return stack;
}

function leafOf({ deployment }: { deployment: unknown }): string {
  const { resources } = deployment as { resources: { outputs?: Record<string, unknown> }[] };
  const pems = resources.map(({ outputs }) => outputs?.["certificatePem"]);
  return String(pems.find((pem) => typeof pem === "string"));
}

async function watched<T>(stack: Stack, work: (seen: Witness) => Promise<T>) {
  const { domain: host } = await only(stack);
  const { world } = stage;
  const witness = startHandshakes({ proxy: world.proxy("staging"), host, roots: world.roots });
  await witness.more(MARGIN);
  try {
    const result = await work(witness.seen);
    await witness.more(MARGIN);
    return { result, ...(await witness.stop()) };
  } finally {
    await witness.stop();
  }
}

const run = ({ runner }: Stack) => renew(runner, { stack: "staging" });

function expectRenewed({ result, failures, serials }: Witness & { result: Renewal }, old: string) {
  expect(result).toMatchObject({ errors: [], outcome: "renewed", exitCode: EXIT.done });
  expect(failures).toEqual([]);
  expect(serials).toEqual([old, result.endpoints[0]?.serial]);
}

test.each([
  ["at once", 0],
  ["after 30 s", 30_000],
])(
  "with a CCM that follows %s no handshake fails, and the serial changes once",
  async (_, delay) => {
    const stack = await dueStack(`after-${delay}`);
    const before = await only(stack);
    const ccm = stage.world.ccm("staging");
    ccm.setDelay(delay);
    const started = performance.now();
    const renewal = await watched(stack, () => run(stack)).finally(() => ccm.setDelay(0));
    expectRenewed(renewal, before.serial);
    expect(performance.now() - started).toBeGreaterThan(delay);
    expect(renewal.made).toBeGreaterThan(2 * MARGIN);
    const left = stage.world.scaleway.inventory().certificates.map(({ id }) => id);
    expect(left).not.toContain(before.certificateId);
    await succeed(stack.runner.destroy());
  },
);

test("with the CCM down the run ends within its bound, nobody notices, and the next run completes", async () => {
  const stack = await dueStack("down");
  const before = await only(stack);
  stack.configure((settings) => {
    settings["private-lb:frontendTimeout"] = 2;
  });
  const ccm = stage.world.ccm("staging");
  const renewal = await watched(stack, async (seen) => {
    await ccm.stop();
    const failed = await run(stack).finally(() => ccm.start());
    expect(failed).toMatchObject({ outcome: "failed", exitCode: EXIT.failed, renewed: [] });
    expect(failed.errors).toEqual([
      expect.stringMatching(/waiting for the certificate .+ after 2 s it holds .+ is it running\?/),
    ]);
    expect(seen).toMatchObject({ failures: [], serials: [before.serial] });
    expect(stage.world.scaleway.inventory().certificates.map(({ id }) => id)).toContain(
      before.certificateId,
    );
    return run(stack);
  });
  expectRenewed(renewal, before.serial);
  const named = stage.world.scaleway
    .inventory()
    .certificates.filter(({ name }) => name.startsWith("down-"));
  expect(named).toHaveLength(1);
});
