/** The provider for Scaleway: its look-ups, and what it says when it cannot work. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAdapters } from "../../../../sandbox/adapters/index.ts";
import { Lifecycle } from "../lifecycle.ts";
import { IP, LB, privateLb, startWorld, type World } from "./world.ts";

let scaleway: World;
beforeAll(async () => {
  scaleway = await startWorld();
});
afterAll(() => scaleway.cloud.close());

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe("look-ups", () => {
  const getPrivateNetwork = "scaleway:network/getPrivateNetwork:getPrivateNetwork";
  const getVpc = "scaleway:network/getVpc:getVpc";

  test("a private network is found by its exact name", async () => {
    const found = await scaleway.provider.invoke({
      token: getPrivateNetwork,
      args: { name: "staging" },
    });
    expect(found).toMatchObject({
      id: scaleway.network,
      privateNetworkId: scaleway.network,
      name: "staging",
      vpcId: `fr-par/${scaleway.vpcId}`,
      ipv4Subnets: [{ subnet: "172.16.0.0/22", address: "172.16.0.0", prefixLength: 22 }],
    });
  });

  test("a VPC is found by its exact name", async () => {
    const found = await scaleway.provider.invoke({ token: getVpc, args: { name: "staging" } });
    expect(found).toMatchObject({
      id: `fr-par/${scaleway.vpcId}`,
      vpcId: `fr-par/${scaleway.vpcId}`,
      name: "staging",
    });
  });

  test("a part of a name finds nothing", async () => {
    await expect(
      scaleway.provider.invoke({ token: getPrivateNetwork, args: { name: "stag" } }),
    ).rejects.toThrow("no element found with the name stag");
    await expect(
      scaleway.provider.invoke({ token: getVpc, args: { name: "stag" } }),
    ).rejects.toThrow("no element found with the name stag");
  });

  test("a name that several have is refused, but within one VPC found", async () => {
    const [left, right] = [
      scaleway.cloud.addVpc({ name: "left" }),
      scaleway.cloud.addVpc({ name: "right" }),
    ];
    const subnet = "10.9.0.0/24";
    const wanted = scaleway.cloud.addPrivateNetwork({ name: "twin", vpcId: left.id, subnet });
    scaleway.cloud.addPrivateNetwork({ name: "twin", vpcId: right.id, subnet });
    await expect(
      scaleway.provider.invoke({ token: getPrivateNetwork, args: { name: "twin" } }),
    ).rejects.toThrow("multiple elements found with the name twin");
    const args = { name: "twin", vpcId: `fr-par/${left.id}` };
    await expect(
      scaleway.provider.invoke({ token: getPrivateNetwork, args }),
    ).resolves.toMatchObject({
      id: `fr-par/${wanted.id}`,
    });
  });
});

describe("the provider", () => {
  test("never shows the secret key in an error", async () => {
    const wrong = randomUUID();
    const adapter = createAdapters({ ...scaleway.cloud.env(), SCW_SECRET_KEY: wrong }).scaleway();
    await adapter.configure({});
    const attempt = new Lifecycle(adapter, LB).create({ ...privateLb, name: "denied" });
    await expect(attempt).rejects.toThrow(/^scaleway: create load balancer denied: 40[13] /);
    await expect(attempt).rejects.not.toThrow(wrong);
  });

  test("says which variable is missing", async () => {
    await expect(createAdapters({}).scaleway().configure({})).rejects.toThrow(/SCW_\w+/);
  });

  test("says what it could not reach", async () => {
    const adapter = createAdapters({
      ...scaleway.cloud.env(),
      SCW_API_URL: "http://127.0.0.1:1",
    }).scaleway();
    await adapter.configure({});
    const attempt = new Lifecycle(adapter, IP).create({
      sources: [{ privateNetworkId: scaleway.network }],
    });
    await expect(attempt).rejects.toThrow(/^scaleway: reserve address \(any\): fetch failed: /);
  });

  test("ids are uuids with a locality", async () => {
    const lb = await scaleway.newLb();
    expect(lb.id.split("/")[1]).toMatch(UUID);
  });
});
