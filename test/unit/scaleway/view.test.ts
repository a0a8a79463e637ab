import { afterAll, beforeAll, expect, test } from "vitest";
import { type Clients, startCloud } from "./cloud.ts";

let scaleway: Clients;
beforeAll(async () => {
  scaleway = await startCloud();
  // As the data plane does: at each change all of them.
  scaleway.cloud.onChange(() => scaleway.cloud.loadBalancers());
});
afterAll(() => scaleway.cloud.close());

test("a load balancer is seen as it is after each change of it, and others as they were", async () => {
  const { cloud, lb, ipam } = scaleway;
  const other = await scaleway.newLb("other");
  const { id: lbId } = await scaleway.newLb("own");
  const seen = (id = lbId) => cloud.loadBalancers().find((view) => view.id === id);
  const before = seen(other.id);
  const privateNetworkId = scaleway.newNetwork("tools", "172.16.0.0/24");
  const ip = await ipam.bookIP({ source: { privateNetworkId }, isIpv6: false });
  const address = ip.address.split("/")[0];
  const unchanged = seen(other.id);

  await lb.attachPrivateNetwork({ lbId, privateNetworkId, ipamIds: [ip.id] });
  expect(seen()?.privateNetworks).toMatchObject([{ status: "ready", addresses: [address] }]);
  const backend = await lb.createBackend({
    ...{ lbId, name: "pods", forwardProtocol: "tcp", forwardPort: 30080 },
    ...{ forwardPortAlgorithm: "roundrobin", stickySessions: "none", stickySessionsCookieName: "" },
    healthCheck: { port: 30080, checkMaxRetries: 5, checkSendProxy: false, tcpConfig: {} },
    serverIp: ["172.16.0.10"],
  });
  const port = { name: "https", inboundPort: 443, backendId: backend.id };
  const settings = { enableHttp3: false, enableAccessLogs: false };
  const { id: frontendId } = await lb.createFrontend({ lbId, ...port, ...settings });
  const frontend = () => seen()?.frontends[0];
  expect(frontend()).toMatchObject({ port: 443, backend: { servers: ["172.16.0.10"] }, acls: [] });
  await lb.setBackendServers({ backendId: backend.id, serverIp: ["172.16.0.11"] });
  expect(frontend()?.backend.servers).toEqual(["172.16.0.11"]);
  const match = { ipSubnet: ["172.16.0.0/24"], httpFilter: "acl_http_filter_none" as const };
  const rule = { name: "own", index: 1, action: { type: "allow" as const } };
  const everyone = { httpFilterValue: [], invert: false, ipsEdgeServices: false };
  const acl = await lb.createAcl({
    ...{ frontendId, ...rule, description: "" },
    match: { ...match, ...everyone },
  });
  expect(frontend()?.acls).toMatchObject([{ name: "own", subnets: ["172.16.0.0/24"] }]);
  await lb.deleteAcl({ aclId: acl.id });
  expect(frontend()?.acls).toEqual([]);
  await lb.updateFrontend({ frontendId, ...port, ...settings, inboundPort: 8443 });
  expect(frontend()?.port).toBe(8443);
  await lb.deleteFrontend({ frontendId });
  expect(seen()?.frontends).toEqual([]);
  await lb.detachPrivateNetwork({ lbId, privateNetworkId });
  expect(seen()?.privateNetworks).toEqual([]);
  await lb.deleteLb({ lbId, releaseIp: false });
  expect(seen()).toBeUndefined();

  expect(unchanged).toEqual(before);
  expect(seen(other.id)).toBe(unchanged);
});
