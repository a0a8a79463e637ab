import type { V1Service } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import {
  annotationsOf,
  certificateIds,
  loadBalancerId,
  namesPort,
  parseDuration,
  proxyProtocol,
  valueForPort,
} from "../../../sandbox/ccm/annotations.ts";
import { needsUpdate } from "../../../sandbox/ccm/changes.ts";
import { wantedPorts } from "../../../sandbox/ccm/desired.ts";
import { labelChanges, labelOf } from "../../../sandbox/ccm/tags.ts";

const PREFIX = "service.beta.kubernetes.io/scw-loadbalancer-";

function service(annotations: Record<string, string>, spec: V1Service["spec"] = {}): V1Service {
  const named = Object.entries(annotations).map(([key, value]) => [PREFIX + key, value]);
  return {
    metadata: { uid: "uid", annotations: Object.fromEntries(named) },
    spec: {
      type: "LoadBalancer",
      healthCheckNodePort: 30_999,
      ports: [
        { name: "https", port: 443, nodePort: 30_443, protocol: "TCP" },
        { name: "test", port: 81, nodePort: 30_081, protocol: "TCP" },
      ],
      ...spec,
    },
  };
}

const read = (annotations: Record<string, string>) => annotationsOf(service(annotations));

describe("certificate ids", () => {
  test.each<[string, string[], string[]]>([
    ["", [], []],
    ["443:a", ["a"], []],
    ["443:fr-par-1/a", ["a"], []],
    ["443:fr-par/a,b", ["a", "b"], []],
    ["a", ["a"], ["a"]],
    ["443,81:a", ["a"], ["a"]],
    ["443:a;81:b", ["a"], ["b"]],
    ["443:a;443:b", ["a", "b"], []],
    // Not understood: the API refuses the id `443`.
    ["443:a,443:b", ["a", "443"], []],
  ])("of %j are %j on 443 and %j on 81", (value, https, other) => {
    const annotation = read({ "certificate-ids": value });
    expect([certificateIds(annotation, 443), certificateIds(annotation, 81)]).toEqual([
      https,
      other,
    ]);
  });

  test("with two slashes are refused", () => {
    expect(() => certificateIds(read({ "certificate-ids": "a/b/c" }), 443)).toThrow(
      "unable to get certificate ID from a/b/c",
    );
  });
});

test.each<[string, number]>([
  ["10m", 600_000],
  ["1h30m", 5_400_000],
  ["1.5s", 1500],
  ["200ms", 200],
])("a duration of %s is %d ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(["", "10", "m", "10 m", "-5s"])("%j is no duration", (text) => {
  expect(() => parseDuration(text)).toThrow("invalid annotation");
});

test.each<[string | undefined, boolean]>([
  [undefined, false],
  ["", false],
  ["true", true],
  ["false", false],
  ["*", true],
  ["443", true],
  ["81, 443", true],
  ["81", false],
])("ports %j name 443: %s", (ports, expected) => {
  expect(namesPort(ports, 443)).toBe(expected);
});

test.each(["https", "0", "70000"])("ports %j are refused", (ports) => {
  expect(() => namesPort(ports, 443)).toThrow();
});

test.each<[string, string]>([
  ["http", "http"],
  ["443:http", "http"],
  ["81:tcp;443:http", "http"],
  ["81:tcp;https", "https"],
  ["81:tcp", ""],
])("of %j the value of port 443 is %j", (text, expected) => {
  expect(valueForPort(text, 443)).toBe(expected);
});

test.each<[string, { zone: string; id: string }]>([
  ["fr-par-1/ABC", { zone: "fr-par-1", id: "abc" }],
  ["fr-par/abc", { zone: "fr-par-1", id: "abc" }],
])("a load balancer's id %s has a zone", (id, expected) => {
  expect(loadBalancerId(read({ id }))).toEqual(expected);
});

test.each(["abc", "a/b/c"])("a load balancer's id %s is refused", (id) => {
  expect(() => loadBalancerId(read({ id }))).toThrow("invalid loadbalancer-id annotation");
});

test.each<[Record<string, string>, string]>([
  [{}, "proxy_protocol_none"],
  [{ "proxy-protocol-v2": "true" }, "proxy_protocol_v2"],
  [{ "proxy-protocol-v2": "81" }, "proxy_protocol_none"],
  [{ "proxy-protocol-v1": "443" }, "proxy_protocol_v1"],
  [{ "send-proxy-v2": "443" }, "proxy_protocol_v2"],
])("%j makes %s on 443", (annotations, expected) => {
  expect(proxyProtocol(read(annotations), 443)).toBe(expected);
});

describe("what a Service wants", () => {
  test("by default is TCP with the CCM's own timeouts", () => {
    const [https] = wantedPorts(service({}), ["172.16.0.11"]);
    expect(https).toMatchObject({
      frontend: {
        name: "uid_tcp_443",
        inboundPort: 443,
        timeoutClient: "600s",
        certificateIds: [],
        enableHttp3: false,
      },
      backend: {
        name: "uid_tcp_30443",
        serverIp: ["172.16.0.11"],
        forwardProtocol: "tcp",
        forwardPort: 30_443,
        proxyProtocol: "proxy_protocol_none",
        timeoutServer: "10s",
        timeoutConnect: "600s",
        timeoutTunnel: "600s",
        maxRetries: 3,
        healthCheck: { port: 30_443, tcpConfig: {}, checkDelay: "5s", checkMaxRetries: 5 },
      },
    });
  });

  test("follows its annotations, port by port", () => {
    const [https, other] = wantedPorts(
      service({
        "protocol-http": "443",
        "enable-http3": "true",
        "connection-rate-limit": "100",
        "timeout-client": "30s",
        "health-check-from-service": "443",
        "health-check-type": "http",
        "health-check-http-uri": "example.com/ready",
        "health-check-delay": "1m",
      }),
      [],
    );
    expect(https?.frontend).toMatchObject({
      timeoutClient: "30s",
      connectionRateLimit: 100,
      enableHttp3: true,
    });
    // HTTP/3 is of every port of the Service.
    expect(other?.frontend.enableHttp3).toBe(true);
    expect([https?.backend.forwardProtocol, other?.backend.forwardProtocol]).toEqual([
      "http",
      "tcp",
    ]);
    expect(https?.backend.healthCheck).toMatchObject({
      port: 30_999,
      checkDelay: "60s",
      httpConfig: { uri: "/healthz", method: "GET", code: 200 },
    });
    expect(other?.backend.healthCheck).toMatchObject({
      port: 30_081,
      httpConfig: { uri: "/ready", hostHeader: "example.com" },
    });
  });

  test("leaves out other protocols than TCP", () => {
    const udp = { name: "udp", port: 53, nodePort: 30_053, protocol: "UDP" };
    expect(wantedPorts(service({}, { ports: [udp] }), [])).toEqual([]);
  });

  test.each<[Record<string, string>, string]>([
    [{ "timeout-client": "soon" }, "failed to prepare frontend for port 443"],
    [{ "enable-http3": "maybe" }, "expected boolean"],
    [{ "sticky-sessions": "cookie" }, "sticky-sessions-cookie-name"],
    [{ "forward-port-algorithm": "random" }, "invalid annotation"],
    [{ "health-check-type": "ping" }, "failed to prepare backend for port 443"],
  ])("is refused with %j", (annotations, message) => {
    expect(() => wantedPorts(service(annotations), [])).toThrow(message);
  });
});

describe("a change of a Service", () => {
  const base = service({ id: "a/b" });
  test.each<[string, V1Service]>([
    ["an annotation", service({ id: "a/c" })],
    [
      "the ports",
      service({ id: "a/b" }, { ports: [{ port: 443, nodePort: 30_443, protocol: "TCP" }] }),
    ],
    ["the ranges", service({ id: "a/b" }, { loadBalancerSourceRanges: ["10.0.0.0/8"] })],
    ["the traffic policy", service({ id: "a/b" }, { externalTrafficPolicy: "Local" })],
    ["the type", service({ id: "a/b" }, { type: "ClusterIP" })],
  ])("of %s calls for a sync", (_what, changed) => {
    expect(needsUpdate(base, changed)).toBe(true);
  });

  test.each<[string, V1Service]>([
    ["a label", { ...base, metadata: { ...base.metadata, labels: { a: "b" } } }],
    ["the status", { ...base, status: { loadBalancer: { ingress: [{ ip: "172.16.0.4" }] } } }],
    ["the selector", { ...base, spec: { ...base.spec, selector: { a: "b" } } }],
  ])("of %s does not", (_what, changed) => {
    expect(needsUpdate(base, changed)).toBe(false);
  });
});

test.each<[string, [string, string] | undefined]>([
  ["environment=staging", ["k8s.scaleway.com/environment", "staging"]],
  ["environment:staging", ["k8s.scaleway.com/environment", "staging"]],
  ["plain", ["k8s.scaleway.com/plain", ""]],
  ["noprefix=a=b", ["a", "b"]],
  ["noprefix=example.com/a=b", ["example.com/a", "b"]],
  ["a/b=c", undefined],
  ["=c", undefined],
])("the tag %s is the label %j", (tag, label) => {
  expect(labelOf(tag)).toEqual(label);
});

test("labels of tags that are gone are removed, others stay", () => {
  const labels = { "k8s.scaleway.com/old": "1", "k8s.scaleway.com/same": "1", own: "1" };
  expect(labelChanges({ metadata: { labels } }, ["same=1", "new=2"])).toEqual({
    "k8s.scaleway.com/new": "2",
    "k8s.scaleway.com/old": null,
  });
});
