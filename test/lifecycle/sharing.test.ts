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

/** `a` on 443 and `b` on 8443 of one load balancer, `c` on its own. */
async function sharing(): Promise<Stack> {
  const stack = stage.stack();
  stack.declare("a", { loadBalancer: nameOf(stack) });
  stack.declare("b", { loadBalancer: nameOf(stack), port: 8443 });
  stack.declare("c");
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

/** It answers, verified, by the certificate that the state has. */
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

const balancers = () => stage.world.scaleway.loadBalancers().map(({ id }) => id);
const certificates = () => stage.world.scaleway.inventory().certificates.map(({ id }) => id);

/** One `up` under clients of these endpoints that make handshakes all the while. @returns the serials that each was served */
async function upUnder(stack: Stack, ...endpoints: DeployedEndpoint[]): Promise<string[][]> {
  const witnesses = endpoints.map((each) => startHandshakes(target(each), 5));
  const more = () => Promise.all(witnesses.map((witness) => witness.more(MARGIN)));
  await more();
  await succeed(stack.runner.up());
  await more();
  const seen = await Promise.all(witnesses.map((witness) => witness.stop()));
  expect(seen.flatMap(({ failures }) => failures)).toEqual([]);
  return seen.map(({ serials }) => serials);
}

test("endpoints share a load balancer, are renewed, join, leave and go, and disturb no other", async () => {
  const stack = await sharing();
  const [a, b, c] = await endpointsOf(stack, "a", "b", "c");
  expect([b.loadBalancerId, b.addresses]).toEqual([a.loadBalancerId, a.addresses]);
  expect([a.port, b.port, c.port]).toEqual([443, 8443, 443]);
  for (const each of [a, b, c]) await expectServed(each);
  expect(await violationsOf(stack)).toEqual([]);
  for (const check of [ccmCheck, servedCheck, quotasCheck])
    expect(await look(check, stage.world, stack)).toMatchObject({ level: "ok" });
  expect(await findable(stack)).toEqual({
    ...{ "load balancer": 2, "reserved address": 2, "load balancer certificate": 3 },
    ...{ "DNS record": 3, Service: 3, NetworkPolicy: 3 },
  });

  const ofB = frontendsOf(b);
  const joins = { loadBalancer: nameOf(stack), port: 9443 };
  change(stack, "a", (endpoint) => Object.assign(endpoint, { renewalTrigger: "2026-11-21" }));
  change(stack, "c", (endpoint) => Object.assign(endpoint, joins));
  const [serialsOfA, serialsOfB] = await upUnder(stack, a, b);
  const [renewed, , joined] = await endpointsOf(stack, "a", "b", "c");
  expect([serialsOfA, serialsOfB]).toEqual([[a.serial, renewed.serial], [b.serial]]);
  expect(frontendsOf(b)).toEqual(ofB);
  expect(joined).toMatchObject({ loadBalancerId: a.loadBalancerId, addresses: a.addresses });
  await expectServed(joined);
  expect(balancers()).not.toContain(c.loadBalancerId);

  const ofA = frontendsOf(renewed);
  change(stack, "b", (endpoint) => {
    delete endpoint["loadBalancer"];
    delete endpoint["port"];
  });
  stack.configure((settings) => void settings["private-lb:endpoints"].pop());
  await upUnder(stack, renewed);
  const [stays, left] = await endpointsOf(stack, "a", "b");
  expect(stays).toEqual(renewed);
  expect(frontendsOf(stays)).toEqual(ofA);
  expect([frontendsOf(b), frontendsOf(joined)]).toEqual([[], []]);
  expect(left.loadBalancerId).not.toBe(b.loadBalancerId);
  expect([left.port, left.serial]).toEqual([443, b.serial]);
  await expectServed(left);
  expect(certificates().sort()).toEqual([stays.certificateId, left.certificateId].sort());

  await succeed(stack.runner.destroy());
  expect(Object.values(await stage.world.leftovers()).flat()).toEqual([]);
});
