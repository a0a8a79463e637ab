import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { renew } from "../../operate/renew.ts";
import { type RunningWitness, startHandshakes } from "../../sandbox/client/handshakes.ts";
import { adopted, balancerName, handmade, type Site, startSite } from "./adopting.ts";
import { type Handmade, makeByHand } from "./handmade.ts";
import { changes, only, reach, succeed, watchWrites } from "./runs.ts";
import type { Stage } from "./stage.ts";

vi.setConfig({ testTimeout: 120_000 });

/** Handshakes to be seen before and after. */
const MARGIN = 5;

let site: Site;
let stage: Stage;
let folder: string;
beforeAll(async () => {
  site = await startSite();
  ({ stage, folder } = site);
});
afterAll(() => site?.close());

function witnessOf({ domain: host }: Handmade): RunningWitness {
  const { world } = stage;
  // The engines need the machine as well.
  return startHandshakes({ proxy: world.proxy("staging"), host, roots: world.roots }, 20);
}

const shown = (calls: ReturnType<ReturnType<typeof watchWrites>>) =>
  calls.map(
    ({ api, method, path: at }) =>
      `${api} ${method} ${at.replace(/\?.*/, "").replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "*")}`,
  );

/** What there is of the endpoint at the clouds, by what must not change. */
function identity({ loadBalancerId, serviceUid, recordIds, certificateId }: Handmade) {
  const { scaleway, cloudflare } = stage.world;
  const balancer = scaleway.loadBalancers().find(({ id }) => id === loadBalancerId);
  return {
    networks: balancer?.privateNetworks,
    frontends: balancer?.frontends
      .filter(({ name }) => name === `${serviceUid}_tcp_443`)
      .map(({ certificates }) => certificates.map(({ id }) => id)),
    records: cloudflare
      .inventory()
      .filter(({ type, id }) => type === "A" && recordIds.includes(id))
      .map(({ name, content }) => ({ name, content })),
    hasCertificate: scaleway.inventory().certificates.some(({ id }) => id === certificateId),
  };
}

describe("an endpoint that was made by hand, with its frontend renamed", () => {
  test("is taken over without a failed handshake, and renewed like any other", async () => {
    const { stack, made } = await handmade(stage);
    const file = readFileSync(stack.place.configFile, "utf8");
    const witness = witnessOf(made);
    await witness.more(MARGIN);
    const writes = watchWrites(stage.world);

    const [proposal] = (await adopted(stage, folder, stack, made)).proposals;
    expect(proposal?.obstacles).toEqual([]);
    expect(proposal?.rename?.to).toBe(`${made.serviceUid}_tcp_443`);
    expect(shown(writes())).toEqual([]);
    expect(readFileSync(stack.place.configFile, "utf8")).toBe(file);

    const { renamed, importFile } = await adopted(stage, folder, stack, made, {
      ...{ renameFrontends: true, write: true },
    });
    expect(renamed).toEqual([made.domain]);
    expect(shown(writes())).toEqual([
      expect.stringMatching(/^kubernetes PATCH .*\/services\//),
      expect.stringMatching(/^kubernetes PATCH .*\/services\//),
      "scaleway PUT /lb/v1/zones/fr-par-1/frontends/*",
    ]);
    await stage.world.ccm("staging").idle();
    const before = identity(made);
    expect(before.frontends).toEqual([[made.certificateId]]);

    const importing = stack.with({ PRIVATE_LB_IMPORT: importFile });
    const preview = await succeed(importing.preview());
    const seen = preview.steps.filter(({ internal, op }) => !internal && /replace|delete/.test(op));
    expect(seen).toEqual([]);
    const account = watchWrites(stage.world);
    await succeed(importing.up());
    expect(
      shown(account()).filter((call) => /order|finalize|POST .*certificates/.test(call)),
    ).toEqual([]);
    expect(identity(made)).toEqual(before);
    const { loadBalancerId, certificateId, serviceUid, addresses } = await only(stack);
    expect({ loadBalancerId, certificateId, serviceUid, addresses }).toEqual({
      ...{ loadBalancerId: made.loadBalancerId, certificateId: made.certificateId },
      ...{ serviceUid: made.serviceUid, addresses: { staging: made.address } },
    });
    // Without the import file there is nothing left to do, a refresh and all.
    expect(changes(await succeed(stack.runner.preview({ refresh: true })))).toEqual([]);

    const hour = 3_600_000;
    const window = { start: new Date(Date.now() - 2 * hour), end: new Date(Date.now() - hour) };
    await stage.world.acme.setRenewalInfo(made.chain, window as never);
    const { outcome, errors } = await renew(stack.runner, { stack: "staging" });
    expect({ outcome, errors }).toEqual({ outcome: "renewed", errors: [] });
    expect(identity(made)).toMatchObject({ networks: before.networks, hasCertificate: false });
    await witness.more(MARGIN);
    const { failures, serials } = await witness.stop();
    expect(failures).toEqual([]);
    expect(serials).toHaveLength(2);
    expect((await reach(stage, made.domain)).status).toBe(200);
    const late = await importing.preview();
    expect(late.ok).toBe(false);
    expect(late.errors.join("\n")).toMatch(/has been renewed since.*PRIVATE_LB_IMPORT.*unset it/s);
  });
});

test("an endpoint of two networks, with its frontend as the CCM made it, is taken over by up alone", async () => {
  const stack = stage.stack();
  const domain = stack.domain("test");
  const peer = { network: "monitoring", domain: stack.domain("from-monitoring") };
  const name = balancerName(stack);
  const made = await makeByHand(stage.world, { domain, name, renamed: false, peer });
  const witness = witnessOf(made);
  const { importFile, proposals } = await adopted(stage, folder, stack, made, { write: true });
  expect(proposals.map(({ rename }) => rename)).toEqual([undefined]);
  const before = identity(made);
  await succeed(stack.with({ PRIVATE_LB_IMPORT: importFile }).up());
  expect(identity(made)).toEqual(before);
  const { addresses, certificateId } = await only(stack);
  expect(addresses).toEqual({ staging: made.address, monitoring: made.peerAddress });
  expect(certificateId).toBe(made.certificateId);
  expect((await reach(stage, peer.domain, "monitoring")).status).toBe(200);
  await witness.more(MARGIN);
  expect((await witness.stop()).failures).toEqual([]);
});
