import { describe, expect, test } from "vitest";
import { faults, one, read } from "./configuration.ts";

const EXTRA = [{ name: "test", port: 81 }];

describe("options of the load balancer", () => {
  test("that are absent leave the CCM its own defaults", () => {
    const [endpoint] = read(one({})).endpoints;
    expect(endpoint).toMatchObject({
      proxyProtocol: "off",
      stickySessions: "none",
      backendTls: "off",
      tlsCompatibility: "intermediate",
    });
    expect(endpoint?.healthCheck).toBeUndefined();
    expect(endpoint?.timeouts).toBeUndefined();
  });

  test.each<[string, object]>([
    ["PROXY protocol with a policy", { proxyProtocol: "v2", networkPolicy: "load-balancer" }],
    ["PROXY protocol of an extra port", { extraPorts: [{ ...EXTRA[0], proxyProtocol: "v2" }] }],
    ["a check of HTTP", { healthCheck: { type: "http", path: "/healthz?full=1", code: 204 } }],
    ["delays of Kubernetes' check", { healthCheck: { delay: 2, timeout: 1, maxRetries: 2 } }],
    ["timeouts", { timeouts: { client: 60, server: 300, connect: 5, tunnel: 86_400 } }],
    ["a cookie", { stickySessions: "cookie", stickySessionsCookie: "NODE" }],
    ["a table of addresses in passthrough", { tls: "passthrough", stickySessions: "table" }],
    ["a table of addresses with extra ports", { extraPorts: EXTRA, stickySessions: "table" }],
    ["TLS to the pods", { backendTls: "unverified" }],
    ["only modern clients", { tlsCompatibility: "modern" }],
    ["a limit", { connectionRateLimit: 1 }],
    ["access logs", { accessLogs: true }],
  ])("may be %s", (_what, more) => {
    expect(faults(one(more))).toEqual([]);
  });

  test.each<[object, string]>([
    [{ proxyProtocol: true }, "proxyProtocol must be off or v2; got true"],
    [
      { healthCheck: { type: "mysql" } },
      "healthCheck.type must be service, tcp, http or https; got mysql",
    ],
    [
      { healthCheck: { type: "http", path: "ready" } },
      "healthCheck.path must be a path from / on, without :, ;, # and spaces; got ready",
    ],
    [
      { healthCheck: { type: "http", path: "/a:b" } },
      "healthCheck.path must be a path from / on, without :, ;, # and spaces; got /a:b",
    ],
    [
      { healthCheck: { type: "http", host: "a.example.com/b" } },
      "healthCheck.host must be a host name; got a.example.com/b",
    ],
    [
      { healthCheck: { type: "http", code: 99 } },
      "healthCheck.code must be an HTTP status, 100 to 599; got 99",
    ],
    [
      { healthCheck: { transientDelay: 61 } },
      "healthCheck.transientDelay must be at most one minute, 60; got 61",
    ],
    [
      { healthCheck: { uri: "/" } },
      "healthCheck has a key too many: uri is not a known key; known are type, path, host, method, code, delay, timeout, transientDelay, maxRetries",
    ],
    [
      { timeouts: { sever: 5 } },
      "timeouts has a key too many: sever is not a known key; did you mean server?",
    ],
    [{ timeouts: { server: 0 } }, "timeouts.server must be at least one second; got 0"],
    [{ timeouts: { tunnel: 86_401 } }, "timeouts.tunnel must be at most one day, 86400; got 86401"],
    [
      { connectionRateLimit: 0 },
      "connectionRateLimit must be at least one connection per second; got 0",
    ],
    [{ stickySessions: "ip" }, "stickySessions must be none, cookie or table; got ip"],
    [
      { stickySessions: "cookie", stickySessionsCookie: "a b" },
      "stickySessionsCookie must be the name of a cookie; got a b",
    ],
    [{ backendTls: true }, "backendTls must be off, verified or unverified; got true"],
    [
      { tlsCompatibility: "1.3" },
      "tlsCompatibility must be one of modern, intermediate, old; got 1.3",
    ],
  ])("are checked: %j", (more, expected) => {
    expect(faults(one(more))).toEqual([`endpoints[0].${expected}`]);
  });

  const FORGED =
    "networkPolicy must be network or load-balancer with a proxyProtocol: its headers could be forged; got off";
  test.each<[object, string[]]>([
    [{ proxyProtocol: "v2", networkPolicy: "off" }, [FORGED]],
    [{ extraPorts: [{ ...EXTRA[0], proxyProtocol: "v2" }], networkPolicy: "off" }, [FORGED]],
    [
      { healthCheck: { path: "/ready", code: 204 } },
      [
        "healthCheck.path must be absent where the type is service: it is of http and https; got /ready",
        "healthCheck.code must be absent where the type is service: it is of http and https; got 204",
      ],
    ],
    [
      { healthCheck: { type: "tcp", host: "a" } },
      ["healthCheck.host must be absent where the type is tcp: it is of http and https; got a"],
    ],
    [
      { stickySessions: "cookie", backendProtocol: "tcp", http3: false },
      ["stickySessions must be table or none where the backend protocol is tcp; got cookie"],
    ],
    [
      { stickySessions: "cookie", extraPorts: EXTRA },
      [
        "stickySessions must be table or none where there are extraPorts, which are plain TCP; got cookie",
      ],
    ],
    [
      { stickySessionsCookie: "NODE" },
      ["stickySessionsCookie must be absent where stickySessions is not cookie; got NODE"],
    ],
    [
      { backendTls: "verified", tls: "passthrough" },
      ["backendTls must be off where the backend protocol is tcp; got verified"],
    ],
    [
      { tlsCompatibility: "modern", tls: "passthrough" },
      ["tlsCompatibility must be absent where tls is passthrough: the pods end TLS; got modern"],
    ],
  ])("go together or not: %j", (more, expected) => {
    expect(faults(one(more))).toEqual(expected.map((fault) => `endpoints[0].${fault}`));
  });
});
