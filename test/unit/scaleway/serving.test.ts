/** Backends, frontends and their ACLs. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clients, failure, startCloud, UNKNOWN } from "./cloud.ts";
import { backendArgs, frontendArgs } from "./serving.ts";

let scaleway: Clients;
beforeAll(async () => {
  scaleway = await startCloud();
});
afterAll(() => scaleway.cloud.close());

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
