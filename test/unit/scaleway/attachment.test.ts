/** Attachments of load balancers to private networks. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clients, failure, startCloud, UNKNOWN } from "./cloud.ts";

let scaleway: Clients;
beforeAll(async () => {
  scaleway = await startCloud();
});
afterAll(() => scaleway.cloud.close());

async function reserve(networkId: string): Promise<string> {
  const ip = await scaleway.ipam.bookIP({
    source: { privateNetworkId: networkId },
    isIpv6: false,
  });
  return ip.id;
}

describe("an attachment", () => {
  test("uses the reserved address, which then names its load balancer", async () => {
    const networkId = scaleway.newNetwork("attach", "172.16.0.0/22");
    const lb = await scaleway.newLb("attached");
    const ipId = await reserve(networkId);
    const answer = await scaleway.lb.attachPrivateNetwork({
      lbId: lb.id,
      privateNetworkId: networkId,
      ipamIds: [ipId],
    });
    expect(answer).toMatchObject({ status: "pending", ipamIds: [ipId], dhcpConfig: { ipId } });
    const { privateNetwork } = await scaleway.lb.listLbPrivateNetworks({ lbId: lb.id });
    expect(privateNetwork).toEqual([
      expect.objectContaining({ status: "ready", ipamIds: [ipId], privateNetworkId: networkId }),
    ]);
    expect((await scaleway.ipam.getIP({ ipId })).resource).toMatchObject({
      type: "lb_server",
      id: lb.id,
      name: "attached",
      macAddress: expect.stringMatching(/^02:00:00(:[0-9A-F]{2}){3}$/),
    });
    const error = await failure(scaleway.ipam.releaseIP({ ipId }));
    expect([error.status, error.name]).toEqual([412, "PreconditionFailedError"]);
    await scaleway.lb.detachPrivateNetwork({ lbId: lb.id, privateNetworkId: networkId });
    await scaleway.ipam.releaseIP({ ipId });
  });

  test("without a reservation takes any address, and gives it back when detached", async () => {
    const networkId = scaleway.newNetwork("automatic", "172.16.0.0/22");
    const lb = await scaleway.newLb();
    await scaleway.lb.attachPrivateNetwork({ lbId: lb.id, privateNetworkId: networkId });
    const { privateNetwork } = await scaleway.lb.listLbPrivateNetworks({ lbId: lb.id });
    const { ips } = await scaleway.ipam.listIPs({ privateNetworkId: networkId });
    expect(privateNetwork[0]?.ipamIds).toEqual(ips.map((ip) => ip.id));
    expect(ips).toHaveLength(1);
    await scaleway.lb.detachPrivateNetwork({ lbId: lb.id, privateNetworkId: networkId });
    expect((await scaleway.ipam.listIPs({ privateNetworkId: networkId })).totalCount).toBe(0);
  });

  test("made already answers 409", async () => {
    const networkId = scaleway.newNetwork("twice", "172.16.0.0/22");
    const lb = await scaleway.newLb();
    await scaleway.lb.attachPrivateNetwork({ lbId: lb.id, privateNetworkId: networkId });
    const error = await failure(
      scaleway.lb.attachPrivateNetwork({ lbId: lb.id, privateNetworkId: networkId }),
    );
    expect([error.status, error.name]).toEqual([409, "AlreadyExistsError"]);
  });

  test("with an address of another network, an attached or an unknown one is refused", async () => {
    const [here, there] = [
      scaleway.newNetwork("here", "172.16.0.0/22"),
      scaleway.newNetwork("there", "172.16.0.0/22"),
    ];
    const [lb, other] = [await scaleway.newLb(), await scaleway.newLb()];
    const attach = (lbId: string, ipamIds: string[]) =>
      scaleway.lb.attachPrivateNetwork({ lbId, privateNetworkId: here, ipamIds });
    expect((await failure(attach(lb.id, [await reserve(there)]))).status).toBe(400);
    expect((await failure(attach(lb.id, [UNKNOWN]))).status).toBe(404);
    const taken = await reserve(here);
    await attach(other.id, [taken]);
    expect((await failure(attach(lb.id, [taken]))).status).toBe(412);
    expect((await scaleway.lb.getLb({ lbId: lb.id })).privateNetworkCount).toBe(0);
  });

  test("is the eighth at most", async () => {
    const lb = await scaleway.newLb();
    for (let i = 0; i < 8; i++)
      await scaleway.lb.attachPrivateNetwork({
        lbId: lb.id,
        privateNetworkId: scaleway.newNetwork(`n${i}`, "172.16.0.0/22"),
      });
    const error = await failure(
      scaleway.lb.attachPrivateNetwork({
        lbId: lb.id,
        privateNetworkId: scaleway.newNetwork("n9", "172.16.0.0/22"),
      }),
    );
    expect(error.name).toBe("QuotasExceededError");
  });

  test("that does not exist cannot be detached", async () => {
    const lb = await scaleway.newLb();
    const networkId = scaleway.newNetwork("never", "172.16.0.0/22");
    const error = await failure(
      scaleway.lb.detachPrivateNetwork({ lbId: lb.id, privateNetworkId: networkId }),
    );
    expect(error.status).toBe(404);
  });
});
