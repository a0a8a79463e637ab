/** The recovery of docs/renewal.md, for a state that is lost without a copy. */
import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { CoreV1Api, KubeConfig, NetworkingV1Api } from "@kubernetes/client-node";
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { Lbv1 } from "@scaleway/sdk-lb";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { poll } from "../../dynamic/poll.ts";
import { scalewayClient } from "../../dynamic/scaleway.ts";
import { adopt } from "../../operate/adopt/adopt.ts";
import { renew } from "../../operate/renew.ts";
import { startHandshakes } from "../../sandbox/client/handshakes.ts";
import { namespace } from "../../sandbox/world/fixtures.ts";
import { only, reach, standing, succeed, watchWrites } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

vi.setConfig({ testTimeout: 240_000 });

let stage: Stage;
let stack: Stack;
let host: string;
let address: string;
beforeAll(async () => {
  stage = await startStage();
  stack = await standing(stage, "lost");
  host = stack.domain("lost");
  address = (await only(stack)).addresses["staging"] ?? "";
});
afterAll(() => stage?.close());

const lose = () => rmSync(stack.stateFile);
const statusOf = async () => (await reach(stage, host)).status;
/** Those that were placed: Pebble refuses some nonces by chance. */
const orders = () =>
  stage.world.log.calls.filter(({ path, status }) => path.includes("/order-plz") && status === 201)
    .length;

test("an up without the state says what is there, touches nothing, and asks the authority nothing", async () => {
  lose();
  const writes = watchWrites(stage.world);
  const placed = orders();
  const failed = await stack.runner.up();
  expect(failed.ok).toBe(false);
  const said = failed.errors.join();
  expect(said).toContain(`load balancer private-lb-staging-${host.split(".")[0]}`);
  const touched = writes().filter(({ api }) => api !== "acme");
  expect(touched.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  expect(orders()).toBe(placed);
  expect(await statusOf()).toBe(200);
});

test("what bears the stack's mark is taken over as it is: no certificate is issued, and no client notices", async () => {
  const { world } = stage;
  const before = world.scaleway.inventory();
  lose();
  const witness = startHandshakes({ proxy: world.proxy("staging"), host, roots: world.roots }, 20);
  const placed = orders();
  const { added, importFile } = await adopt({
    ...{ projectDir: mkdtempSync(path.join(path.dirname(stack.stateFile), "adopt-")) },
    ...{ stack: "staging", stackFile: stack.place.configFile, isStateLost: true },
    env: { ...world.env, KUBECONFIG: world.env["PRIVATE_LB_ADMIN_KUBECONFIG"] ?? "" },
  });
  expect(added).toEqual([]);
  const importing = stack.with({ PRIVATE_LB_IMPORT: importFile });
  const preview = await succeed(importing.preview());
  const lost = preview.steps.filter(({ internal, op }) => !internal && /replace|delete/.test(op));
  expect(lost).toEqual([]);
  await succeed(importing.up());
  expect(orders()).toBe(placed);
  expect(world.scaleway.inventory()).toEqual(before);
  expect(await renew(stack.runner, { stack: "staging" })).toMatchObject({
    ...{ outcome: "nothing due", exitCode: 0 },
  });
  await witness.more(2);
  expect((await witness.stop()).failures).toEqual([]);
});

test("where all is deleted and made anew, the endpoint is back at its address, for one certificate", async () => {
  lose();
  await deleteWhatCollides();
  stack.configure((settings) => {
    for (const endpoint of settings["private-lb:endpoints"]) endpoint["address"] = address;
  });
  const placed = orders();
  await succeed(stack.runner.up());
  expect(orders() - placed).toBe(1);
  expect((await only(stack)).addresses["staging"]).toBe(address);
  expect(await statusOf()).toBe(200);
  expect(await renew(stack.runner, { stack: "staging" })).toMatchObject({
    ...{ outcome: "nothing due", exitCode: 0 },
  });
});

/** In the order of the document: Service and NetworkPolicy, records, load balancer with its certificates, address. */
async function deleteWhatCollides(): Promise<void> {
  const { world } = stage;
  const label = host.split(".")[0] ?? "";
  const config = new KubeConfig();
  config.loadFromFile(world.env["KUBECONFIG"] ?? "");
  config.setCurrentContext("staging");
  const name = `${label}-lb-private`;
  await config.makeApiClient(CoreV1Api).deleteNamespacedService({ name, namespace });
  const policies = config.makeApiClient(NetworkingV1Api);
  await policies.deleteNamespacedNetworkPolicy({ name, namespace });
  const frontends = () => world.scaleway.inventory().frontends;
  const isGone = async () => (frontends().length === 0 ? true : undefined);
  expect(await poll(isGone, { first: 20, max: 200, timeout: 30_000 })).toBe(true);
  for (const { id, name: record } of world.cloudflare.inventory())
    if (record === host) world.cloudflare.removeRecord("example.net", id);
  const client = scalewayClient(world.env);
  const zone = "fr-par-1";
  for (const { id: lbId } of world.scaleway.inventory().loadBalancers)
    await new Lbv1.ZonedAPI(client).deleteLb({ zone, lbId, releaseIp: false });
  for (const { id: ipId } of world.scaleway.inventory().ips)
    await new Ipamv1.API(client).releaseIP({ region: "fr-par", ipId });
}
