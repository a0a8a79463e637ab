/** Endpoints that share a load balancer by its name, each on a port of its own. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ccmCheck } from "../../operate/doctor/checks/ccm.ts";
import { quotasCheck } from "../../operate/doctor/checks/quotas.ts";
import { servedCheck } from "../../operate/doctor/checks/served.ts";
import { findLeftovers, type Search } from "../../operate/leftovers.ts";
import { marked } from "../../operate/marked.ts";
import { startHandshakes } from "../../sandbox/client/handshakes.ts";
import { get } from "../../sandbox/client/request.ts";
import { trust } from "../../sandbox/commands/operate.ts";
import { type DeployedEndpoint, deployedEndpoints } from "../../sandbox/world/deployed.ts";
import type { EndpointSetting } from "../../sandbox/world/stackFile.ts";
import { look } from "./doctor/look.ts";
import { violationsOf } from "./rulesKept.ts";
import { succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  trust(stage.world.env);
});
afterAll(() => stage.close());

const NETWORK = "staging";
const MARGIN = 5;

/** Its name, which no other stack has. */
const nameOf = (stack: Stack) => stack.domain("tools").split(".", 1)[0] ?? "";

/** On one load balancer: `a` on 443, `b` on 8443, and so on. */
async function sharing(...labels: string[]): Promise<Stack> {
  const stack = stage.stack();
  for (const [i, label] of labels.entries()) {
    const port = [443, 8443, 9443][i] ?? 0;
    stack.declare(label, { loadBalancer: nameOf(stack), port });
  }
  await succeed(stack.runner.up());
  return stack;
}

function change(stack: Stack, label: string, edit: (endpoint: EndpointSetting) => void): void {
  stack.configure((settings) => {
    for (const each of settings["private-lb:endpoints"])
      if (each.domain === stack.domain(label)) edit(each);
  });
}

/** Those of these labels, which must be all that there are. */
async function endpointsOf<T extends string[]>(stack: Stack, ...labels: T) {
  const all = await deployedEndpoints(stack.runner);
  expect(all.map(({ domain }) => domain)).toEqual(labels.map((label) => stack.domain(label)));
  return all as { [K in keyof T]: DeployedEndpoint };
}

const target = ({ domain, port }: DeployedEndpoint) => ({
  ...{ proxy: stage.world.proxy(NETWORK), host: domain, port, roots: stage.world.roots },
});

/** Its answer, verified: the serial is the state's, and the pod behind is its own. */
async function expectServed(endpoint: DeployedEndpoint): Promise<void> {
  const { status, serial } = await get(target(endpoint));
  expect({ status, serial }).toEqual({ status: 200, serial: endpoint.serial });
}

/** What the load balancer has for the endpoint's Service, with the certificates that it holds. */
const frontendsOf = ({ loadBalancerId, serviceUid }: DeployedEndpoint) =>
  stage.world.scaleway
    .loadBalancers()
    .filter(({ id }) => id === loadBalancerId)
    .flatMap(({ frontends }) => frontends)
    .filter(({ name }) => name.startsWith(serviceUid))
    .map(({ id, port, certificates }) => [id, port, ...certificates.map((each) => each.id)]);

/** How many of a kind are found by a state that knows nothing but what was looked at beforehand. */
async function findable({ runner, env }: Stack): Promise<Record<string, number>> {
  const { version, deployment } = await runner.exportState();
  const { resources = [] } = deployment as { resources?: { type: string }[] };
  const looks = resources.filter(({ type }) => type.endsWith("lb:Preflight"));
  const exportState = async () => ({ version, deployment: { resources: looks } });
  const search: Search = (each) => marked(each, env);
  const { leftovers } = await findLeftovers({ exportState }, "staging", search);
  const kinds = Map.groupBy(leftovers, ({ kind }) => kind);
  return Object.fromEntries([...kinds].map(([kind, found]) => [kind, found.length]));
}

const certificates = () => stage.world.scaleway.inventory().certificates.map(({ id }) => id);

test("endpoints are served on one load balancer, and one that is renewed and one that goes disturb no other", async () => {
  const stack = await sharing("a", "b", "c");
  const [a, b, c] = await endpointsOf(stack, "a", "b", "c");
  for (const each of [a, b, c]) {
    expect([each.loadBalancerId, each.addresses]).toEqual([a.loadBalancerId, a.addresses]);
    await expectServed(each);
  }
  expect([a.port, b.port, c.port]).toEqual([443, 8443, 9443]);
  expect(await violationsOf(stack)).toEqual([]);
  for (const check of [ccmCheck, servedCheck, quotasCheck])
    expect(await look(check, stage.world, stack)).toMatchObject({ level: "ok" });

  expect(await findable(stack)).toEqual({
    ...{ "load balancer": 1, "reserved address": 1, "load balancer certificate": 3 },
    ...{ "DNS record": 3, Service: 3, NetworkPolicy: 3 },
  });

  const untouched = frontendsOf(b);
  const witnesses = [a, b].map((each) => startHandshakes(target(each), 5));
  const more = () => Promise.all(witnesses.map((witness) => witness.more(MARGIN)));
  await more();
  change(stack, "a", (endpoint) => Object.assign(endpoint, { renewalTrigger: "2026-11-21" }));
  stack.configure((settings) => void settings["private-lb:endpoints"].pop());
  await succeed(stack.runner.up());
  await more();
  const [ofA, ofB] = await Promise.all(witnesses.map((witness) => witness.stop()));
  expect([ofA?.failures, ofB?.failures]).toEqual([[], []]);
  expect([ofA?.serials.length, ofB?.serials]).toEqual([2, [b.serial]]);
  expect(frontendsOf(b)).toEqual(untouched);
  expect(frontendsOf(c)).toEqual([]);
  const [renewed] = await endpointsOf(stack, "a", "b");
  await expectServed(renewed);
  expect(certificates()).not.toContain(a.certificateId);
  expect(certificates()).not.toContain(c.certificateId);
});

test("one moves to a load balancer of its own in one run, and back, and leaves nothing where it was", async () => {
  const stack = await sharing("a", "b");
  const [a, b] = await endpointsOf(stack, "a", "b");
  const kept = frontendsOf(a);
  change(stack, "b", (endpoint) => {
    delete endpoint["loadBalancer"];
    delete endpoint["port"];
  });
  await succeed(stack.runner.up());
  const [stays, moved] = await endpointsOf(stack, "a", "b");
  expect(moved.loadBalancerId).not.toBe(b.loadBalancerId);
  expect([moved.port, moved.serial]).toEqual([443, b.serial]);
  await expectServed(moved);
  await expectServed(stays);
  expect(frontendsOf(stays)).toEqual(kept);
  expect(frontendsOf(b)).toEqual([]);
  expect(certificates()).not.toContain(b.certificateId);

  change(stack, "b", (endpoint) => {
    Object.assign(endpoint, { loadBalancer: nameOf(stack), port: 8443 });
  });
  await succeed(stack.runner.up());
  const [still, back] = await endpointsOf(stack, "a", "b");
  expect(back.loadBalancerId).toBe(still.loadBalancerId);
  await expectServed(back);
  expect(frontendsOf(still)).toEqual(kept);
  const balancers = stage.world.scaleway.loadBalancers().map(({ id }) => id);
  expect(balancers).not.toContain(moved.loadBalancerId);

  await succeed(stack.runner.destroy());
  const mark = stack.domain("").split(".", 1)[0] ?? "";
  const left = Object.values(await stage.world.leftovers()).flat();
  expect(left.filter((name) => name.includes(mark))).toEqual([]);
});
