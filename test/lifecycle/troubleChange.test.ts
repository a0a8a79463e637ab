/** Trouble that a change brings to an endpoint that is up: it goes on serving until the change can be made. */
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { Lbv1 } from "@scaleway/sdk-lb";
import { Vpcv2 } from "@scaleway/sdk-vpc";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scalewayClient } from "../../dynamic/scaleway.ts";
import type { EndpointSetting } from "../../sandbox/world/stackFile.ts";
import { only, reach, standing, succeed, watchWrites } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.close());

function change(stack: Stack, edit: (endpoint: EndpointSetting) => void): void {
  stack.configure((settings) => settings["private-lb:endpoints"].forEach(edit));
}

/** The one error of a run that changes nothing but, with DNS and certificate as they were, is tried. */
async function failure(stack: Stack): Promise<string> {
  const writes = watchWrites(stage.world);
  const failed = await stack.runner.up({ continueOnError: true });
  expect(failed.ok).toBe(false);
  expect(failed.errors).toHaveLength(1);
  const changing = writes().filter(({ path }) => !path.includes("dryRun"));
  expect(changing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  return failed.errors[0] ?? "";
}

test("a namespace that is not there is told before the Service that serves is deleted", async () => {
  const stack = await standing(stage, "moved");
  change(stack, (endpoint) => {
    endpoint["namespace"] = "ops-tolls";
  });
  expect(await failure(stack)).toMatch(
    new RegExp(
      `^${stack.domain("moved")}: .+ in the namespace "ops-tolls"\\. KUBECONFIG .+ See to namespace`,
    ),
  );
  expect((await reach(stage, stack.domain("moved"))).status).toBe(200);
  change(stack, (endpoint) => {
    endpoint["namespace"] = "ops-tools";
  });
  await succeed(stack.runner.up());
  expect((await reach(stage, stack.domain("moved"))).status).toBe(200);
});

test("an address that another holds is told before the endpoint leaves its own", async () => {
  const stack = await standing(stage, "address", { address: "172.16.0.80" });
  change(stack, (endpoint) => {
    endpoint["address"] = "172.16.0.11";
  });
  expect(await failure(stack)).toMatch(/172\.16\.0\.11 .+ reserved already .+ Release/);
  expect((await reach(stage, stack.domain("address"))).status).toBe(200);
  change(stack, (endpoint) => {
    endpoint["address"] = "172.16.0.81";
  });
  await succeed(stack.runner.up());
  expect((await only(stack)).addresses).toEqual({ staging: "172.16.0.81" });
});

test("a network that is gone is told by its path, and one of its name that is made anew is taken", async () => {
  const { scaleway } = stage.world;
  const stack = stage.stack();
  const network = stack.domain("peer").split(".")[0] ?? "";
  const place = { name: network, vpcId: scaleway.addVpc({ name: network }).id };
  const subnet = "172.18.0.0/22";
  const { id } = scaleway.addPrivateNetwork({ ...place, subnet });
  stack.declare("network", { alsoFrom: [{ network, domain: stack.domain("peer") }] });
  await succeed(stack.runner.up());
  const before = await only(stack);
  await removeNetwork(id);
  expect(await failure(stack)).toMatch(
    new RegExp(
      `endpoints\\[0\\]\\.alsoFrom\\[0\\]\\.network .+ there are .+staging.*; got ${network}`,
    ),
  );
  expect((await reach(stage, stack.domain("network"))).status).toBe(200);
  const anew = scaleway.addPrivateNetwork({ ...place, subnet });
  await succeed(stack.runner.up());
  const after = await only(stack);
  expect(after.addresses["staging"]).toBe(before.addresses["staging"]);
  const balancer = scaleway.loadBalancers().find((found) => found.id === after.loadBalancerId);
  expect(balancer?.privateNetworks.map(({ name }) => name).sort()).toEqual(
    [network, "staging"].sort(),
  );
  expect(
    scaleway.inventory().ips.filter((ip) => ip.name === after.addresses[network]),
  ).toHaveLength(1);
  expect(anew.id).not.toBe(id);
  expect((await reach(stage, stack.domain("network"))).status).toBe(200);
});

/** As by hand: the vendor refuses it until nothing is attached to the network. */
async function removeNetwork(privateNetworkId: string): Promise<void> {
  const client = scalewayClient(stage.world.env);
  const [lb, ipam] = [new Lbv1.ZonedAPI(client), new Ipamv1.API(client)];
  const { lbs } = await lb.listLbs({ zone: "fr-par-1" });
  for (const { id: lbId } of lbs)
    await lb.detachPrivateNetwork({ zone: "fr-par-1", lbId, privateNetworkId }).catch(() => {});
  const { ips } = await ipam.listIPs({ region: "fr-par", privateNetworkId });
  for (const { id: ipId } of ips) await ipam.releaseIP({ region: "fr-par", ipId });
  await new Vpcv2.API(client).deletePrivateNetwork({ region: "fr-par", privateNetworkId });
}
