/** What clients notice of a renewal: one that makes a new TLS handshake as soon as it has made the last. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { EXIT, type Renewal, renew } from "../../operate/renew.ts";
import { startHandshakes, type Witness } from "../../sandbox/client/handshakes.ts";
import { makeDue, only, reach, standing, succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

/** Handshakes to be seen before and after a run. */
const MARGIN = 20;

vi.setConfig({ testTimeout: 240_000 });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

/** A stack whose certificates their authority wants renewed now. */
async function dueStack(...labels: string[]): Promise<Stack> {
  const stack = stage.stack();
  for (const label of labels) stack.declare(label);
  await succeed(stack.runner.up());
  await makeDue(stage, stack);
  return stack;
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

test("names are added and removed by an up each, and nobody who asks for another name notices", async () => {
  const stack = await standing(stage, "names");
  const [domain, alias] = [stack.domain("names"), stack.domain("alias")];
  const nameIt = async (aliases: string[]) => {
    stack.configure((settings) => {
      for (const endpoint of settings["private-lb:endpoints"]) endpoint["aliases"] = aliases;
    });
    await succeed(stack.runner.up());
  };
  const { failures, serials } = await watched(stack, async () => {
    await nameIt([alias]);
    expect((await reach(stage, alias)).status).toBe(200);
    await nameIt([]);
    await expect(reach(stage, alias)).rejects.toThrow();
  });
  expect(failures).toEqual([]);
  expect(serials).toHaveLength(3);
  const left = stage.world.scaleway.inventory().certificates.map(({ name }) => name);
  expect(left.filter((name) => name.startsWith(domain))).toHaveLength(1);
});

test("an endpoint that fails delays no other's renewal, waits in unattended runs, and is tried at once by hand", async () => {
  const stack = await dueStack("fails", "renews");
  const [failing, renewing] = [stack.domain("fails"), stack.domain("renews")];
  const refuse = stage.world.acme.intercept(({ path, body }) => {
    if (!path.includes("order-plz")) return undefined;
    const order = Buffer.from(JSON.parse(String(body)).payload, "base64url").toString();
    // An hour, so that the second run comes before it however busy the machine is.
    const answer = { status: 403, body: "not today", headers: { "retry-after": "3600" } };
    return order.includes(failing) ? answer : undefined;
  });
  const first = await run(stack).finally(refuse);
  expect(first).toMatchObject({ outcome: "failed", exitCode: EXIT.failed, renewed: [renewing] });
  expect(first.errors).toEqual([
    expect.stringContaining(`${failing}: placing the order: not today`),
  ]);

  const second = await run(stack);
  expect(second).toMatchObject({ exitCode: EXIT.failed, renewed: [] });
  expect(second.errors).toEqual([
    expect.stringMatching(/waiting until .+ after 1 failed attempts: .+PRIVATE_LB_RETRY_NOW=1/),
  ]);

  const byHand = stack.with({ PRIVATE_LB_RETRY_NOW: "1" });
  expect(await renew(byHand, { stack: "staging" })).toMatchObject({
    ...{ errors: [], outcome: "renewed", exitCode: EXIT.done, renewed: [failing] },
  });
});
