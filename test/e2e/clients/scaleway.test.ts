import { createClient } from "@scaleway/sdk-client";
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { Lbv1 } from "@scaleway/sdk-lb";
import { Vpcv2 } from "@scaleway/sdk-vpc";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scalewaySettings } from "../../../dynamic/environment.ts";
import { type Stage, startStage } from "../../lifecycle/stage.ts";
import { failure, UNKNOWN } from "../../unit/scaleway/cloud.ts";
import { createAuthority } from "../../unit/scaleway/pki.ts";

const NAME = "official-client";

let stage: Stage;
let client: ReturnType<typeof createClient>;
let lb: Lbv1.ZonedAPI;
let ipam: Ipamv1.API;
let networkId: string;
beforeAll(async () => {
  stage = await startStage();
  client = createClient(settings());
  lb = new Lbv1.ZonedAPI(client);
  ipam = new Ipamv1.API(client);
  const { privateNetworks } = await new Vpcv2.API(client).listPrivateNetworks({ name: "staging" });
  networkId = privateNetworks[0]?.id ?? "";
});
afterAll(() => stage.close());

function settings() {
  const { env } = stage.world;
  return {
    ...scalewaySettings(env),
    defaultProjectId: env["SCW_DEFAULT_PROJECT_ID"] ?? "",
    defaultRegion: "fr-par",
    defaultZone: "fr-par-1",
  } as const;
}

const create = (name = NAME, tags: string[] = []) =>
  lb.createLb({
    ...{ name, tags, description: "", type: "LB-S", ipIds: [] },
    ...{ assignFlexibleIp: false, assignFlexibleIpv6: false },
    sslCompatibilityLevel: "ssl_compatibility_level_intermediate",
  });

describe("Scaleway's official client", () => {
  test("waits for a load balancer, which is pending before it is ready", async () => {
    const seen = new Set<string | undefined>();
    const stop = stage.world.scaleway.onChange(() => {
      seen.add(stage.world.scaleway.loadBalancers().find(({ name }) => name === NAME)?.status);
    });
    const { id, status } = await create();
    expect(status).toBe("to_create");
    const attaching = lb.attachPrivateNetwork({ lbId: id, privateNetworkId: networkId });
    expect((await failure(attaching)).name).toBe("TransientStateError");
    const ready = await lb.waitForLb({ lbId: id });
    stop();
    expect(ready.status).toBe("ready");
    expect([...seen]).toEqual(["to_create", "creating", "pending", "ready"]);
    await lb.attachPrivateNetwork({ lbId: id, privateNetworkId: networkId });
    await lb.deleteLb({ lbId: id, releaseIp: false });
  });

  test("goes through the pages of a list, in the order that it asks for", async () => {
    const source = { privateNetworkId: networkId };
    const booked: Ipamv1.IP[] = [];
    for (let i = 0; i < 25; i++) {
      const tags = i % 2 ? ["odd", "all"] : ["even", "all"];
      booked.push(await ipam.bookIP({ source, isIpv6: false, tags }));
    }
    const addresses = booked.map(({ address }) => address);
    const list = { privateNetworkId: networkId, tags: ["all"] };
    const first = await ipam.listIPs(list);
    expect([first.ips.length, first.totalCount]).toEqual([20, 25]);
    const all = await ipam.listIPs({ ...list, pageSize: 10, orderBy: "ip_address_desc" }).all();
    expect(all.map(({ address }) => address)).toEqual(addresses.toReversed());
    // One of the tags is enough.
    const some = await ipam.listIPs({ ...list, tags: ["odd", "other"] });
    expect(some.totalCount).toBe(12);
    const orderBy = "name_asc" as Ipamv1.ListIPsRequestOrderBy;
    expect((await failure(ipam.listIPs({ ...list, orderBy }))).name).toBe("InvalidArgumentsError");
    for (const { id } of booked) await ipam.releaseIP({ ipId: id });
  });

  test("may not delete a certificate that a frontend uses", async () => {
    const { id: lbId } = await create("certified");
    await lb.waitForLb({ lbId });
    const { chainPem, privateKeyPem } = await (await createAuthority()).issue(["a.example.net"]);
    const customCertificate = { certificateChain: chainPem + privateKeyPem };
    const { id: certificateId } = await lb.createCertificate({
      lbId,
      name: "a",
      customCertificate,
    });
    await lb.waitForCertificate({ certificateId });
    const backend = await lb.createBackend({
      ...{
        lbId,
        name: "b",
        forwardProtocol: "http",
        forwardPort: 80,
        forwardPortAlgorithm: "roundrobin",
      },
      ...{ stickySessions: "none", stickySessionsCookieName: "", serverIp: ["172.16.0.11"] },
      healthCheck: { port: 80, checkMaxRetries: 3, checkSendProxy: false, tcpConfig: {} },
    });
    const { id: frontendId } = await lb.createFrontend({
      ...{ lbId, name: "f", inboundPort: 443, backendId: backend.id },
      ...{ certificateIds: [certificateId], enableHttp3: true, enableAccessLogs: false },
    });
    const refused = await failure(lb.deleteCertificate({ certificateId }));
    expect([refused.status, refused.name]).toEqual([412, "PreconditionFailedError"]);
    await lb.deleteFrontend({ frontendId });
    await lb.deleteCertificate({ certificateId });
    await lb.deleteLb({ lbId, releaseIp: false });
  });

  test.each([
    ["a wrong secret key", { secretKey: UNKNOWN }, 401, "DeniedAuthenticationError"],
    ["another's project", { defaultProjectId: UNKNOWN }, 403, "PermissionsDeniedError"],
  ])("is refused with %s", async (_what, wrong, status, name) => {
    const other = createClient({ ...settings(), ...wrong });
    const error = await failure(new Lbv1.ZonedAPI(other).createIp({ isIpv6: false }));
    expect([error.status, error.name]).toEqual([status, name]);
  });

  test("knows an id that does not exist by its error", async () => {
    const error = await failure(lb.getLb({ lbId: UNKNOWN }));
    expect([error.status, error.name]).toEqual([404, "ResourceNotFoundError"]);
    expect(error).toMatchObject({ resourceId: UNKNOWN });
  });

  test("is told by name what the sandbox does not have", async () => {
    for (const call of [lb.listRoutes(), new Lbv1.API(client).listLbs()]) {
      const error = await failure(call);
      expect([error.status, error.message]).toEqual([
        501,
        expect.stringMatching(/the sandbox's Scaleway does not have GET \/lb\/v1\//),
      ]);
    }
  });
});
