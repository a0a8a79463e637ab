import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLoadBalancer, settle } from "../../../sandbox/clouds/scaleway/loadBalancers.ts";
import { Store } from "../../../sandbox/clouds/scaleway/store.ts";
import { type Clients, failure, PROJECT, startCloud, UNKNOWN } from "./cloud.ts";

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

const backendArgs = (lbId: string) => ({
  lbId,
  name: "uid_tcp_30080",
  forwardProtocol: "tcp" as const,
  forwardPort: 30080,
  forwardPortAlgorithm: "roundrobin" as const,
  stickySessions: "none" as const,
  stickySessionsCookieName: "",
  healthCheck: { port: 30080, checkMaxRetries: 5, checkSendProxy: false, tcpConfig: {} },
  serverIp: ["172.16.0.10", "172.16.0.11"],
});

const frontendArgs = (lbId: string, backendId: string, inboundPort = 443) => ({
  lbId,
  name: "uid_tcp_443",
  inboundPort,
  backendId,
  enableHttp3: false,
  enableAccessLogs: false,
});

describe("a load balancer", () => {
  test("is answered as to_create, and ready the next time", async () => {
    const created = await scaleway.newLb("first");
    expect(created).toMatchObject({ status: "to_create", type: "lb-s", ip: [], instances: [] });
    const lb = await scaleway.lb.getLb({ lbId: created.id });
    expect(lb).toMatchObject({
      name: "first",
      status: "ready",
      region: "fr-par",
      zone: "fr-par-1",
      projectId: PROJECT,
      sslCompatibilityLevel: "ssl_compatibility_level_intermediate",
      frontendCount: 0,
      backendCount: 0,
      privateNetworkCount: 0,
      tags: [],
    });
    expect(lb.instances.map(({ status }) => status)).toEqual(["ready"]);
  });

  test("shows exactly the fields that the vendor shows", async () => {
    const { id } = await scaleway.newLb();
    const { body } = await scaleway.raw("GET", `/lb/v1/zones/fr-par-1/lbs/${id}`);
    expect(Object.keys(body).sort()).toEqual(
      [
        "backend_count",
        "created_at",
        "description",
        "frontend_count",
        "id",
        "instances",
        "ip",
        "name",
        "organization_id",
        "private_network_count",
        "project_id",
        "region",
        "route_count",
        "ssl_compatibility_level",
        "status",
        "subscriber",
        "tags",
        "type",
        "updated_at",
        "zone",
      ].sort(),
    );
  });

  test("passes through creating and pending, and refuses to be built on before it is ready", async () => {
    const own = await startCloud();
    try {
      own.cloud.settings.lbReadyAfter = 200;
      const seen = new Set<string | undefined>();
      own.cloud.onChange(() => seen.add(own.cloud.loadBalancers()[0]?.status));
      const { id } = await own.newLb();
      const refused = await failure(
        own.lb.attachPrivateNetwork({
          lbId: id,
          privateNetworkId: own.newNetwork("slow", "10.0.0.0/24"),
        }),
      );
      expect([refused.status, refused.name]).toEqual([409, "TransientStateError"]);
      await expect
        .poll(async () => (await own.lb.getLb({ lbId: id })).status, { timeout: 5_000 })
        .toBe("ready");
      expect([...seen]).toEqual(["to_create", "creating", "pending", "ready"]);
    } finally {
      await own.cloud.close();
    }
  });

  test("ends ready, not pending, where a busy process comes late to both", async () => {
    const store = new Store({ projectId: PROJECT, organizationId: PROJECT });
    store.settings.lbReadyAfter = 80;
    const started = (name: string) => {
      const args = { name, description: "", type: "LB-S", tags: [], ipIds: [] };
      const lb = createLoadBalancer(store, {
        ...args,
        zone: "fr-par-1",
        ssl: "",
        assignFlexibleIp: false,
      });
      settle(store, lb, ["creating", "pending"]);
      return lb;
    };
    const first = started("first");
    await expect.poll(() => first.status, { interval: 1 }).toBe("pending");
    const second = started("second");
    for (const until = performance.now() + 100; performance.now() < until; );
    await expect
      .poll(() => [first, second].map(({ status }) => status))
      .toEqual(["ready", "ready"]);
    store.close();
  });

  test("gets a public address unless that is declined", async () => {
    const lb = await scaleway.lb.createLb({
      name: "public",
      description: "",
      type: "LB-S",
      assignFlexibleIpv6: false,
      ipIds: [],
      assignFlexibleIp: true,
      sslCompatibilityLevel: "ssl_compatibility_level_modern",
    });
    expect(lb.ip.map((ip) => [ip.ipAddress, ip.lbId])).toEqual([
      [expect.stringMatching(/^203\.0\.113\./), lb.id],
    ]);
    await scaleway.lb.deleteLb({ lbId: lb.id, releaseIp: true });
    expect((await scaleway.lb.listIPs()).ips).toEqual([]);
  });

  test("takes a flexible address that was made before, and gives it back", async () => {
    const ip = await scaleway.lb.createIp({ isIpv6: false, tags: ["t"] });
    const lb = await scaleway.lb.createLb({
      name: "given",
      description: "",
      type: "LB-S",
      assignFlexibleIpv6: false,
      ipIds: [ip.id],
      sslCompatibilityLevel: "ssl_compatibility_level_modern",
    });
    expect(lb.ip.map(({ id }) => id)).toEqual([ip.id]);
    expect((await failure(scaleway.lb.releaseIp({ ipId: ip.id }))).status).toBe(412);
    await scaleway.lb.deleteLb({ lbId: lb.id, releaseIp: false });
    const changed = await scaleway.lb.updateIp({ ipId: ip.id, reverse: "a.example.com" });
    expect([changed.lbId, changed.reverse]).toEqual([null, "a.example.com"]);
    await scaleway.lb.releaseIp({ ipId: ip.id });
  });

  test("changes its name, description and tags together, and its type by migration", async () => {
    const { id } = await scaleway.newLb();
    const lb = await scaleway.lb.updateLb({
      lbId: id,
      name: "renamed",
      description: "vault.example.com",
      tags: ["environment=staging"],
      sslCompatibilityLevel: "ssl_compatibility_level_modern",
    });
    expect(lb).toMatchObject({
      name: "renamed",
      description: "vault.example.com",
      tags: ["environment=staging"],
    });
    expect((await scaleway.lb.migrateLb({ lbId: id, type: "LB-GP-M" })).status).toBe("migrating");
    expect(await scaleway.lb.getLb({ lbId: id })).toMatchObject({
      type: "lb-gp-m",
      status: "ready",
    });
  });

  test("of an unknown type is refused", async () => {
    const { status, body } = await scaleway.raw("POST", "/lb/v1/zones/fr-par-1/lbs", {
      name: "x",
      type: "LB-XXL",
    });
    expect(status).toBe(400);
    expect(body["details"]).toEqual([expect.objectContaining({ argument_name: "type" })]);
  });

  test("without a name is refused, naming what is missing", async () => {
    const { status, body } = await scaleway.raw("POST", "/lb/v1/zones/fr-par-1/lbs", {
      type: "LB-S",
    });
    expect(status).toBe(400);
    expect(body["details"]).toEqual([
      expect.objectContaining({ argument_name: "name", reason: "required" }),
    ]);
  });

  test("takes everything of its own along when deleted, and leaves reservations free", async () => {
    const own = await startCloud();
    try {
      const networkId = own.newNetwork("gone", "10.0.0.0/24");
      const lb = await own.newLb();
      const ip = await own.ipam.bookIP({ source: { privateNetworkId: networkId }, isIpv6: false });
      await own.lb.attachPrivateNetwork({
        lbId: lb.id,
        privateNetworkId: networkId,
        ipamIds: [ip.id],
      });
      const backend = await own.lb.createBackend(backendArgs(lb.id));
      await own.lb.createFrontend(frontendArgs(lb.id, backend.id));
      await own.lb.deleteLb({ lbId: lb.id, releaseIp: false });
      expect((await failure(own.lb.getLb({ lbId: lb.id }))).status).toBe(404);
      expect((await own.ipam.getIP({ ipId: ip.id })).resource).toBeUndefined();
      expect(own.cloud.inventory()).toMatchObject({
        loadBalancers: [],
        frontends: [],
        backends: [],
        certificates: [],
        attachments: [],
        ips: [{ id: ip.id, name: "10.0.0.2" }],
      });
    } finally {
      await own.cloud.close();
    }
  });

  test("still answers, as to_delete, for as long as its deletion takes", async () => {
    const own = await startCloud();
    try {
      own.cloud.settings.lbDeletedAfter = 60_000;
      const lb = await own.newLb();
      await own.lb.deleteLb({ lbId: lb.id, releaseIp: false });
      expect((await own.lb.getLb({ lbId: lb.id })).status).toBe("to_delete");
    } finally {
      await own.cloud.close();
    }
  });
});

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

describe("a backend", () => {
  test("is created with the vendor's defaults", async () => {
    const lb = await scaleway.newLb();
    const { status, body } = await scaleway.raw(
      "POST",
      `/lb/v1/zones/fr-par-1/lbs/${lb.id}/backends`,
      {
        name: "b",
        forward_protocol: "http",
        forward_port: 80,
        health_check: { port: 80, transient_check_delay: "0.500000000s" },
        server_ip: null,
        timeout_queue: "4.000000000s",
      },
    );
    expect(status).toBe(200);
    const { lb: _, id: __, created_at: ___, updated_at: ____, ...rest } = body;
    expect(rest).toEqual({
      failover_host: null,
      forward_port: 80,
      forward_port_algorithm: "roundrobin",
      forward_protocol: "http",
      health_check: {
        check_delay: 60000,
        check_max_retries: 2,
        check_send_proxy: false,
        check_timeout: 30000,
        port: 80,
        tcp_config: {},
        transient_check_delay: "0.500s",
      },
      host: "",
      ignore_ssl_server_verify: null,
      max_connections: null,
      max_retries: 3,
      name: "b",
      on_marked_down_action: "on_marked_down_action_none",
      pool: [],
      proxy_protocol: "proxy_protocol_none",
      redispatch_attempt_count: null,
      send_proxy_v2: false,
      ssl_bridging: false,
      sticky_sessions: "none",
      sticky_sessions_cookie_name: "",
      timeout_connect: 5000,
      timeout_queue: "4s",
      timeout_server: 300000,
      timeout_tunnel: 900000,
    });
  });

  test("leaves unset what the client left out, which the CCM would else set again and again", async () => {
    const lb = await scaleway.newLb();
    const backend = await scaleway.lb.createBackend(backendArgs(lb.id));
    expect(backend.timeoutQueue).toBeNull();
    expect(backend.healthCheck?.transientCheckDelay).toBeNull();
    expect(backend.ignoreSslServerVerify).toBeNull();
  });

  test("has its servers set, added and removed, and its health check replaced", async () => {
    const lb = await scaleway.newLb();
    const { id } = await scaleway.lb.createBackend(backendArgs(lb.id));
    const pool = async (call: Promise<{ pool: string[] }>) => (await call).pool;
    const servers = { backendId: id, serverIp: ["172.16.0.12"] };
    expect(await pool(scaleway.lb.addBackendServers(servers))).toEqual([
      "172.16.0.10",
      "172.16.0.11",
      "172.16.0.12",
    ]);
    expect(await pool(scaleway.lb.removeBackendServers(servers))).toHaveLength(2);
    expect(await pool(scaleway.lb.setBackendServers(servers))).toEqual(["172.16.0.12"]);
    const check = await scaleway.lb.updateHealthCheck({
      backendId: id,
      port: 81,
      checkMaxRetries: 3,
      checkSendProxy: true,
      httpConfig: { uri: "/health", method: "GET", hostHeader: "" },
    });
    expect(check).toMatchObject({ port: 81, httpConfig: { uri: "/health" } });
    expect(check.tcpConfig).toBeUndefined();
  });

  test("in use by a frontend is not deleted", async () => {
    const lb = await scaleway.newLb();
    const { id } = await scaleway.lb.createBackend(backendArgs(lb.id));
    const frontend = await scaleway.lb.createFrontend(frontendArgs(lb.id, id));
    const error = await failure(scaleway.lb.deleteBackend({ backendId: id }));
    expect([error.status, error.name]).toEqual([412, "PreconditionFailedError"]);
    await scaleway.lb.deleteFrontend({ frontendId: frontend.id });
    await scaleway.lb.deleteBackend({ backendId: id });
    expect((await scaleway.lb.listBackends({ lbId: lb.id })).totalCount).toBe(0);
  });
});

describe("a frontend", () => {
  test("claims its port on its load balancer alone", async () => {
    const [lb, other] = [await scaleway.newLb(), await scaleway.newLb()];
    const { id } = await scaleway.lb.createBackend(backendArgs(lb.id));
    const there = await scaleway.lb.createBackend(backendArgs(other.id));
    await scaleway.lb.createFrontend(frontendArgs(lb.id, id));
    const error = await failure(scaleway.lb.createFrontend(frontendArgs(lb.id, id)));
    expect([error.status, error.name]).toEqual([400, "InvalidArgumentsError"]);
    expect(error.body["details"]).toEqual([
      expect.objectContaining({ argument_name: "inbound_port" }),
    ]);
    await scaleway.lb.createFrontend(frontendArgs(other.id, there.id));
  });

  test("is updated whole, without a limit when 0 is sent, and found by a part of its name", async () => {
    const lb = await scaleway.newLb();
    const { id } = await scaleway.lb.createBackend(backendArgs(lb.id));
    const frontend = await scaleway.lb.createFrontend(frontendArgs(lb.id, id));
    const changed = await scaleway.lb.updateFrontend({
      frontendId: frontend.id,
      name: "uid_tcp_8443",
      inboundPort: 8443,
      backendId: id,
      enableHttp3: true,
      enableAccessLogs: true,
      connectionRateLimit: 0,
      timeoutClient: "30s",
    });
    expect(changed).toMatchObject({
      id: frontend.id,
      name: "uid_tcp_8443",
      inboundPort: 8443,
      enableHttp3: true,
      timeoutClient: 30_000,
      certificateIds: [],
      certificate: undefined,
      backend: { id },
    });
    expect(changed.connectionRateLimit).toBeNull();
    const found = await scaleway.lb.listFrontends({ lbId: lb.id, name: "tcp_84" });
    expect(found.frontends.map((each) => each.id)).toEqual([frontend.id]);
  });

  test("with an unknown certificate, or one of another load balancer, is refused with 404", async () => {
    const lb = await scaleway.newLb();
    const { id } = await scaleway.lb.createBackend(backendArgs(lb.id));
    const error = await failure(
      scaleway.lb.createFrontend({ ...frontendArgs(lb.id, id), certificateIds: [UNKNOWN] }),
    );
    expect([error.status, error.body["message"]]).toEqual([404, "certificate not Found"]);
  });

  test("has ACLs, set together, that go with it", async () => {
    const lb = await scaleway.newLb();
    const { id } = await scaleway.lb.createBackend(backendArgs(lb.id));
    const frontend = await scaleway.lb.createFrontend(frontendArgs(lb.id, id));
    const acl = (name: string, index: number, type: "allow" | "deny") => ({
      name,
      index,
      action: { type },
      match: {
        ipSubnet: ["172.16.0.0/22"],
        invert: false,
        httpFilter: "acl_http_filter_none" as const,
        httpFilterValue: [],
        ipsEdgeServices: false,
      },
      description: "",
    });
    await scaleway.lb.createAcl({ frontendId: frontend.id, ...acl("old", 1, "allow") });
    const { acls, totalCount } = await scaleway.lb.setAcls({
      frontendId: frontend.id,
      acls: [acl("allow", 1, "allow"), acl("deny", 2, "deny")],
    });
    expect([acls.map(({ name }) => name), totalCount]).toEqual([["allow", "deny"], 2]);
    const listed = await scaleway.lb.listAcls({ frontendId: frontend.id, name: "den" });
    expect(listed.acls.map(({ action }) => action?.type)).toEqual(["deny"]);
    await scaleway.lb.deleteFrontend({ frontendId: frontend.id });
    expect((await failure(scaleway.lb.getAcl({ aclId: acls[0]?.id ?? "" }))).status).toBe(404);
  });

  test("with an ACL whose range is malformed is refused", async () => {
    const lb = await scaleway.newLb();
    const { id } = await scaleway.lb.createBackend(backendArgs(lb.id));
    const frontend = await scaleway.lb.createFrontend(frontendArgs(lb.id, id));
    const { status } = await scaleway.raw(
      "PUT",
      `/lb/v1/zones/fr-par-1/frontends/${frontend.id}/acls`,
      {
        acls: [
          { name: "x", index: 1, action: { type: "deny" }, match: { ip_subnet: ["10.0.0.0/40"] } },
        ],
      },
    );
    expect(status).toBe(400);
  });
});

describe("quotas", () => {
  test("the 301st backend of a load balancer is refused", async () => {
    const lb = await scaleway.newLb();
    for (let i = 0; i < 300; i++) await scaleway.lb.createBackend(backendArgs(lb.id));
    const error = await failure(scaleway.lb.createBackend(backendArgs(lb.id)));
    expect([error.status, error.name]).toEqual([403, "QuotasExceededError"]);
  });
});
