import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startHandshakes } from "../../sandbox/client/handshakes.ts";
import { Refused } from "../../sandbox/client/request.ts";
import type { ApiCall } from "../../sandbox/clouds/api.ts";
import { type DeployedEndpoint, deployedEndpoints } from "../../sandbox/world/deployed.ts";
import { only, reach, succeed, watchWrites } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

/** Handshakes to be seen before and after a run. */
const MARGIN = 5;
const OWN = "staging";

interface Peer {
  network: string;
  domain: string;
}

const peer = (stack: Stack, network: string): Peer => ({
  network,
  domain: stack.domain(`from-${network}`),
});

async function bringUp(...networks: string[]): Promise<Stack> {
  const stack = stage.stack();
  stack.declare("test", { alsoFrom: networks.map((network) => peer(stack, network)) });
  await succeed(stack.runner.up());
  return stack;
}

interface Seen {
  endpoint: DeployedEndpoint;
  /** By network. */
  attached: Record<string, string[]>;
  /** By address. */
  addressIds: Record<string, string>;
  /** By name: address and the record's id. */
  records: Record<string, { id: string; content: string }>;
}

/** What the clouds hold of the stack's endpoint. */
async function look(stack: Stack): Promise<Seen> {
  const endpoint = await only(stack);
  const { scaleway, cloudflare } = stage.world;
  const balancer = scaleway.loadBalancers().find(({ id }) => id === endpoint.loadBalancerId);
  const attached = balancer?.privateNetworks.map(({ name, addresses }) => [name, addresses]) ?? [];
  const reserved = scaleway.inventory().ips;
  const own = cloudflare
    .inventory()
    .filter(({ type, name }) => type === "A" && name.endsWith(stack.domain("").slice(1)));
  return {
    endpoint,
    attached: Object.fromEntries(attached),
    addressIds: Object.fromEntries(reserved.map(({ id, name }) => [name, id])),
    records: Object.fromEntries(own.map(({ name, id, content }) => [name, { id, content }])),
  };
}

/** One `up` after the change, under a client of the own network that makes handshakes all the while. */
async function change(stack: Stack, edit: (endpoint: { alsoFrom: Peer[] }) => void) {
  const before = await look(stack);
  const { domain: host } = before.endpoint;
  const { world } = stage;
  const witness = startHandshakes({ proxy: world.proxy(OWN), host, roots: world.roots });
  await witness.more(MARGIN);
  stack.configure((settings) => {
    for (const endpoint of settings["private-lb:endpoints"])
      edit(endpoint as unknown as { alsoFrom: Peer[] });
  });
  const writes = watchWrites(world);
  await succeed(stack.runner.up());
  const made = writes();
  await witness.more(MARGIN);
  expect((await witness.stop()).failures).toEqual([]);
  return { before, after: await look(stack), writes: made };
}

const shown = (calls: ApiCall[], api: ApiCall["api"]) =>
  calls
    .filter((call) => call.api === api)
    .map(({ method, path }) => `${method} ${path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "*")}`)
    .map((line) => line.replace(/ .*?\/(ips|lbs|certificates)(?=\/|$)/, " $1"))
    .sort();

/** The network's address, its reservation, attachment and record are the very same. */
function expectUntouched(network: string, name: string, before: Seen, after: Seen): void {
  const address = before.endpoint.addresses[network] ?? "";
  expect(after.endpoint.addresses[network]).toBe(address);
  expect(after.addressIds[address]).toBe(before.addressIds[address]);
  expect(after.attached[network]).toEqual([address]);
  expect(after.records[name]).toEqual(before.records[name]);
  expect(before.records[name]?.content).toBe(address);
}

const NEW_CERTIFICATE = ["DELETE certificates/*", "POST lbs/*/certificates"];

describe("a further network", () => {
  test("is added with an address, an attachment, a name and a record, and nothing else", async () => {
    const stack = await bringUp("monitoring");
    const added = peer(stack, "production");
    await expect(reach(stage, added.domain, "production")).rejects.toThrow(Refused);
    const { before, after, writes } = await change(stack, ({ alsoFrom }) => alsoFrom.push(added));
    expect(shown(writes, "scaleway")).toEqual(
      [...NEW_CERTIFICATE, "POST ips", "POST lbs/*/attach-private-network"].sort(),
    );
    expectUntouched(OWN, stack.domain("test"), before, after);
    expectUntouched("monitoring", stack.domain("from-monitoring"), before, after);
    const address = after.endpoint.addresses["production"] ?? "";
    expect(after.attached["production"]).toEqual([address]);
    expect(after.records[added.domain]?.content).toBe(address);
    const answer = await reach(stage, added.domain, "production");
    expect(answer.status).toBe(200);
    expect(answer.names.toSorted()).toEqual(Object.keys(after.records).sort());
  });

  test("is removed with all that was its own, and nothing else", async () => {
    const stack = await bringUp("monitoring", "production");
    const gone = peer(stack, "monitoring");
    const { before, after, writes } = await change(stack, ({ alsoFrom }) => alsoFrom.shift());
    expect(shown(writes, "scaleway")).toEqual(
      [...NEW_CERTIFICATE, "DELETE ips/*", "POST lbs/*/detach-private-network"].sort(),
    );
    expectUntouched(OWN, stack.domain("test"), before, after);
    expectUntouched("production", stack.domain("from-production"), before, after);
    expect(Object.keys(after.attached).sort()).toEqual(["production", OWN]);
    expect(after.records[gone.domain]).toBeUndefined();
    await expect(reach(stage, gone.domain, "monitoring")).rejects.toThrow(Refused);
    const { names } = await reach(stage, stack.domain("test"));
    expect(names.toSorted()).toEqual(Object.keys(after.records).sort());
  });

  test("may stand anywhere in the list: another order changes nothing", async () => {
    const stack = await bringUp("monitoring", "production");
    const { before, after, writes } = await change(stack, ({ alsoFrom }) => alsoFrom.reverse());
    expect(writes).toEqual([]);
    expect(after).toEqual(before);
  });

  test("gives its name to another network without a new certificate", async () => {
    const stack = await bringUp("monitoring");
    const { domain } = peer(stack, "monitoring");
    const { before, after, writes } = await change(stack, ({ alsoFrom: [moved] }) => {
      if (moved) moved.network = "production";
    });
    expect(shown(writes, "scaleway")).toEqual(
      [
        "DELETE ips/*",
        "POST ips",
        "POST lbs/*/attach-private-network",
        "POST lbs/*/detach-private-network",
      ].sort(),
    );
    expect(shown(writes, "acme")).toEqual([]);
    expectUntouched(OWN, stack.domain("test"), before, after);
    expect(Object.keys(after.attached).sort()).toEqual(["production", OWN]);
    expect(after.records[domain]).toEqual({
      id: before.records[domain]?.id,
      content: after.endpoint.addresses["production"],
    });
    expect((await reach(stage, domain, "production")).status).toBe(200);
    await expect(reach(stage, domain, "monitoring")).rejects.toThrow(Refused);
  });

  test("is moved to another address, and its record follows in the same run", async () => {
    const stack = await bringUp("monitoring", "production");
    const { domain } = peer(stack, "monitoring");
    const address = "172.16.12.77";
    const { before, after, writes } = await change(stack, ({ alsoFrom: [moved] }) =>
      Object.assign(moved ?? {}, { address }),
    );
    expect(shown(writes, "acme")).toEqual([]);
    expectUntouched(OWN, stack.domain("test"), before, after);
    expectUntouched("production", stack.domain("from-production"), before, after);
    expect(after.attached["monitoring"]).toEqual([address]);
    expect(after.records[domain]?.content).toBe(address);
    expect((await reach(stage, domain, "monitoring")).status).toBe(200);
  });
});

test("two networks exchange their names in one run, and both addresses stay", async () => {
  const stack = await bringUp("monitoring", "production");
  const { before, after, writes } = await change(stack, ({ alsoFrom: [one, other] }) => {
    if (one && other) [one.domain, other.domain] = [other.domain, one.domain];
  });
  expect(shown(writes, "scaleway")).toEqual([]);
  expect(shown(writes, "acme")).toEqual([]);
  expectUntouched(OWN, stack.domain("test"), before, after);
  for (const [network, name] of [
    ["monitoring", stack.domain("from-production")],
    ["production", stack.domain("from-monitoring")],
  ] as const) {
    const address = before.endpoint.addresses[network] ?? "";
    expect(after.attached[network]).toEqual([address]);
    expect(after.records[name]).toEqual({ id: before.records[name]?.id, content: address });
    expect((await reach(stage, name, network)).status).toBe(200);
  }
});

test("a network moves from one endpoint to another with its name, and no other address is touched", async () => {
  const stack = stage.stack();
  const moved = peer(stack, "monitoring");
  stack.declare("from", { alsoFrom: [moved, peer(stack, "production")] });
  stack.declare("to", { selector: { "app.kubernetes.io/name": "vault" } });
  await succeed(stack.runner.up());
  const [from, to] = await deployedEndpoints(stack.runner);
  stack.configure(({ "private-lb:endpoints": [one, other] }) => {
    Object.assign(one ?? {}, { alsoFrom: [peer(stack, "production")] });
    Object.assign(other ?? {}, { alsoFrom: [moved] });
  });
  await succeed(stack.runner.up());
  const [without, having] = await deployedEndpoints(stack.runner);
  expect(without?.addresses).toEqual({ ...from?.addresses, monitoring: undefined });
  expect(having?.addresses).toMatchObject(to?.addresses ?? {});
  expect(Object.keys(having?.addresses ?? {}).sort()).toEqual(["monitoring", OWN]);
  const records = stage.world.cloudflare.inventory().filter(({ name }) => name === moved.domain);
  expect(records.map(({ content }) => content)).toEqual([having?.addresses["monitoring"]]);
  expect((await reach(stage, moved.domain, "monitoring")).status).toBe(200);
  expect((await reach(stage, stack.domain("to"))).status).toBe(200);
  expect((await reach(stage, peer(stack, "production").domain, "production")).status).toBe(200);
  expect((await reach(stage, stack.domain("from"))).status).toBe(200);
});

test("a fixed address of the own network is changed, and its record follows in the same run", async () => {
  const stack = stage.stack();
  stack.declare("fixed", { address: "172.16.0.77", alsoFrom: [peer(stack, "monitoring")] });
  await succeed(stack.runner.up());
  const before = await look(stack);
  const name = stack.domain("fixed");
  expect(before.records[name]?.content).toBe("172.16.0.77");
  stack.configure((settings) => {
    for (const endpoint of settings["private-lb:endpoints"]) endpoint["address"] = "172.16.0.78";
  });
  await succeed(stack.runner.up());
  const after = await look(stack);
  expectUntouched("monitoring", stack.domain("from-monitoring"), before, after);
  expect(after.attached[OWN]).toEqual(["172.16.0.78"]);
  expect(after.records[name]).toEqual({ id: before.records[name]?.id, content: "172.16.0.78" });
  expect((await reach(stage, name)).status).toBe(200);
});
