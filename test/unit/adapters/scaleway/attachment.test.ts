/** `scaleway_ipam_ip` and `scaleway_lb_private_network` as the plugin leads them. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Lifecycle } from "../lifecycle.ts";
import { ATTACHMENT, startWorld, type World } from "./world.ts";

let scaleway: World;
beforeAll(async () => {
  scaleway = await startWorld();
});
beforeEach(() => scaleway.calm());
afterAll(() => scaleway.cloud.close());

describe("a reserved address", () => {
  test("is booked, tagged and released", async () => {
    const ip = await scaleway.newIp("172.16.0.77");
    expect(ip.id).toMatch(/^fr-par\//);
    expect(ip.outputs).toMatchObject({
      address: "172.16.0.77",
      addressCidr: "172.16.0.77/22",
      isIpv6: false,
      region: "fr-par",
      resources: [],
      reverses: [],
    });
    expect(ip.outputs["sources"]).toMatchObject([
      { privateNetworkId: scaleway.network.split("/")[1] },
    ]);
    const inputs = { sources: [{ privateNetworkId: scaleway.network }], address: "172.16.0.77" };
    await expect(ip.diff(inputs)).resolves.toMatchObject({ changes: false });
    await ip.update({ ...inputs, tags: ["endpoint"] });
    expect(ip.outputs["tags"]).toEqual(["endpoint"]);
    await ip.delete();
    await ip.delete();
    await expect(ip.refresh()).resolves.toBe(false);
  });

  test("stays where it is when its sources change: the update does nothing", async () => {
    const ip = await scaleway.newIp();
    const { address } = ip.outputs;
    await ip.update({ sources: [{ privateNetworkId: scaleway.other }] });
    expect(ip.outputs["address"]).toBe(address);
    expect(ip.outputs["sources"]).toMatchObject([{ privateNetworkId: "" }]);
  });

  test("is refused when it is taken", async () => {
    await scaleway.newIp("172.16.0.78");
    await expect(scaleway.newIp("172.16.0.78")).rejects.toThrow(
      /^scaleway: reserve address 172\.16\.0\.78: 4\d\d \w+: /,
    );
  });

  test("is not released while it is in use", async () => {
    const lb = await scaleway.newLb();
    const ip = await scaleway.newIp();
    const inputs = { lbId: lb.id, privateNetworkId: scaleway.network, ipamIpIds: ip.id };
    await scaleway.newAttachment(inputs);
    await expect(ip.delete()).rejects.toThrow(/^scaleway: release address fr-par\/.+: 412 /);
  });
});

describe("an attachment", () => {
  test("is made with the reserved address, and detached", async () => {
    const [lb, ip] = await Promise.all([scaleway.newLb(), scaleway.newIp()]);
    scaleway.cloud.settings.attachmentReadyAfter = 100;
    const inputs = { lbId: lb.id, privateNetworkId: scaleway.network, ipamIpIds: ip.id };
    const attachment = await scaleway.newAttachment(inputs);
    expect(attachment.id).toBe(`${lb.id}/${scaleway.network.split("/")[1]}`);
    expect(attachment.outputs).toMatchObject({ ...inputs, status: "ready", zone: "fr-par-1" });
    await attachment.refresh();
    await expect(attachment.diff(inputs)).resolves.toMatchObject({ changes: false });

    await attachment.delete();
    await attachment.delete();
    await expect(attachment.refresh()).resolves.toBe(false);
  });

  test("replaced by creating first would detach the new one: it is the same by id", async () => {
    const [lb, old, fresh] = await Promise.all([
      scaleway.newLb(),
      scaleway.newIp(),
      scaleway.newIp(),
    ]);
    const inputs = { lbId: lb.id, privateNetworkId: scaleway.network };
    const attachment = await scaleway.newAttachment({
      ...inputs,
      ipamIpIds: old.id,
    });
    const replacement = scaleway.newAttachment({
      ...inputs,
      ipamIpIds: fresh.id,
    });
    await expect(replacement).rejects.toThrow(/attach private network .+: 409 /);
    await attachment.delete();
    const next = await scaleway.newAttachment({
      ...inputs,
      ipamIpIds: fresh.id,
    });
    expect(next.id).toBe(attachment.id);
  });

  test("is refused between a zone and a network of another region", async () => {
    const lb = await scaleway.newLb();
    const attempt = scaleway.newAttachment({
      lbId: lb.id,
      privateNetworkId: `nl-ams/${randomUUID()}`,
    });
    await expect(attempt).rejects.toThrow(/private_network_id .+ has different locality/);
  });

  test("is imported by zone, load balancer and network", async () => {
    const lb = await scaleway.newLb();
    const inputs = { lbId: lb.id, privateNetworkId: scaleway.network };
    const attachment = await scaleway.newAttachment(inputs);
    const found = new Lifecycle(scaleway.provider, ATTACHMENT);
    await expect(found.import(attachment.id)).resolves.toBe(true);
    expect(found.inputs).toMatchObject(inputs);
    await expect(found.import(lb.id)).rejects.toThrow("<zone>/<load balancer>/<private network>");
  });
});
