import { ComponentResource } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import {
  ExternallyManagedService,
  type ExternallyManagedServiceArgs,
} from "../../components/externallyManagedService.ts";
import { PrivateNetworkAttachments } from "../../components/privateNetworkAttachments.ts";
import { balancer } from "./balancer.ts";
import { type Registration, record, resolved } from "./recorder.ts";
import { POLICY, SERVICE } from "./types.ts";

const CCM = "service.beta.kubernetes.io/scw-loadbalancer-";

const args: ExternallyManagedServiceArgs = {
  loadBalancer: balancer,
  addressId: "fr-par/22222222-2222-4222-8222-222222222222",
  certificateId: "fr-par-1/33333333-3333-4333-8333-333333333333",
  serviceName: "test-lb-private",
  namespace: "ops-tools",
  selector: { "app.kubernetes.io/name": "test" },
};

const service = (more: Partial<ExternallyManagedServiceArgs> = {}) =>
  record(() => new ExternallyManagedService("test", { ...args, ...more }));

interface ServiceInputs {
  metadata: { annotations: Record<string, string>; labels: Record<string, string> };
  spec: Record<string, unknown>;
}
const inputsOf = ({ inputs }: Registration) => inputs as unknown as ServiceInputs;

test("the Service is exactly this, and nothing else is made", async () => {
  const { types, one } = await service();
  expect(types()).toEqual([SERVICE, "private-lb:index:ExternallyManagedService"]);
  expect(one(SERVICE).inputs).toEqual({
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "test-lb-private",
      namespace: "ops-tools",
      labels: {
        "app.kubernetes.io/name": "test-lb-private",
        "app.kubernetes.io/instance": "test-lb-private",
      },
      annotations: {
        "pulumi.com/skipAwait": "true",
        "pulumi.com/patchForce": "true",
        [`${CCM}externally-managed`]: "true",
        [`${CCM}id`]: "fr-par-1/11111111-1111-4111-8111-111111111111",
        [`${CCM}zone`]: "fr-par-1",
        [`${CCM}private`]: "true",
        [`${CCM}private-ip-ids`]: "22222222-2222-4222-8222-222222222222",
        [`${CCM}ip-mode`]: "Proxy",
        [`${CCM}health-check-from-service`]: "*",
        [`${CCM}enable-http3`]: "false",
        [`${CCM}protocol-http`]: "443",
        [`${CCM}certificate-ids`]: "443:33333333-3333-4333-8333-333333333333",
      },
    },
    spec: {
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      selector: { "app.kubernetes.io/name": "test" },
      ports: [{ name: "https", port: 443, targetPort: 80, protocol: "TCP" }],
    },
  });
});

test("a new name or namespace deletes the old Service first: two would claim port 443", async () => {
  const { one } = await service();
  expect(one(SERVICE).deleteBeforeReplace).toBe(true);
});

test("extra ports follow https, each to the same port of the pods unless another is given", async () => {
  const { one } = await service({
    targetPort: 8200,
    extraPorts: [
      { name: "test", port: 81 },
      { name: "cluster", port: 8201, targetPort: "cluster" },
    ],
  });
  expect(inputsOf(one(SERVICE)).spec["ports"]).toEqual([
    { name: "https", port: 443, targetPort: 8200, protocol: "TCP" },
    { name: "test", port: 81, targetPort: 81, protocol: "TCP" },
    { name: "cluster", port: 8201, targetPort: "cluster", protocol: "TCP" },
  ]);
});

test("source ranges are the Service's, from which the CCM makes its access lists", async () => {
  const { one } = await service({ sourceRanges: ["172.16.0.0/22"] });
  expect(inputsOf(one(SERVICE)).spec["loadBalancerSourceRanges"]).toEqual(["172.16.0.0/22"]);
});

test("HTTP/3 is an annotation", async () => {
  const { one } = await service({ http3: true });
  expect(inputsOf(one(SERVICE)).metadata.annotations[`${CCM}enable-http3`]).toBe("true");
});

const OWN_CHECK = {
  type: "http",
  path: "/ready",
  host: "test.example.com",
  method: "HEAD",
} as const;

test.each<[string, Partial<ExternallyManagedServiceArgs>, Record<string, string | undefined>]>([
  [
    "PROXY protocol names the ports that have it",
    {
      proxyProtocol: "v2",
      extraPorts: [
        { name: "a", port: 81, proxyProtocol: "v2" },
        { name: "b", port: 82, proxyProtocol: "off" },
      ],
    },
    { "proxy-protocol-v2": "443,81", "health-check-send-proxy": undefined },
  ],
  [
    "a check of the load balancer's own speaks PROXY protocol where the pods want it",
    { proxyProtocol: "v2", healthCheck: { type: "tcp" } },
    { "health-check-type": "tcp", "health-check-send-proxy": "true" },
  ],
  [
    "a check of the load balancer's own is of 443; extra ports stay with Kubernetes'",
    { healthCheck: { ...OWN_CHECK, code: 204 }, extraPorts: [{ name: "a", port: 81 }] },
    {
      "health-check-from-service": "81",
      "health-check-type": "http",
      "health-check-http-uri": "test.example.com/ready",
      "health-check-http-method": "HEAD",
      "health-check-http-code": "204",
      "health-check-send-proxy": undefined,
    },
  ],
  [
    "without extra ports nothing is left for Kubernetes' check",
    { healthCheck: { type: "https", host: "test.example.com" } },
    { "health-check-from-service": undefined, "health-check-http-uri": "test.example.com/" },
  ],
  [
    "the pace of a check is the same whoever answers",
    {
      healthCheck: { type: "service", delay: 2, timeout: 1, transientDelay: 3, maxRetries: 4 },
    },
    {
      "health-check-from-service": "*",
      "health-check-type": undefined,
      "health-check-delay": "2s",
      "health-check-timeout": "1s",
      "health-transient-check-delay": "3s",
      "health-check-max-retries": "4",
    },
  ],
  [
    "timeouts are seconds",
    { timeouts: { client: 60, server: 300, connect: 5, tunnel: 86_400 } },
    {
      "timeout-client": "60s",
      "timeout-server": "300s",
      "timeout-connect": "5s",
      "timeout-tunnel": "86400s",
    },
  ],
  ["access logs are switched on", { accessLogs: true }, { "enable-access-logs": "true" }],
  ["a limit is per second", { connectionRateLimit: 50 }, { "connection-rate-limit": "50" }],
  [
    "a cookie has a name",
    { stickySessions: "cookie" },
    { "sticky-sessions": "cookie", "sticky-sessions-cookie-name": "private-lb" },
  ],
  [
    "a table has none",
    { stickySessions: "table" },
    { "sticky-sessions": "table", "sticky-sessions-cookie-name": undefined },
  ],
  [
    "TLS to the pods is verified",
    { backendTls: "verified" },
    { "http-backend-tls": "443", "http-backend-tls-skip-verify": undefined },
  ],
  [
    "TLS to the pods is verified unless it is said otherwise",
    { backendTls: "unverified" },
    { "http-backend-tls": "443", "http-backend-tls-skip-verify": "443" },
  ],
])("%s", async (_what, options, expected) => {
  const { one } = await service(options);
  const { annotations } = inputsOf(one(SERVICE)).metadata;
  const seen = Object.keys(expected).map((suffix) => [suffix, annotations[`${CCM}${suffix}`]]);
  expect(Object.fromEntries(seen)).toEqual(expected);
});

test("in passthrough neither a certificate nor HTTP is annotated", async () => {
  const { one } = await service({ certificateId: undefined, backendProtocol: "tcp" });
  const { annotations } = inputsOf(one(SERVICE)).metadata;
  expect(annotations).not.toHaveProperty([`${CCM}certificate-ids`]);
  expect(annotations).not.toHaveProperty([`${CCM}protocol-http`]);
});

test("the Service depends on what the component depends on", async () => {
  const { one } = await record(() => {
    const attachments = new PrivateNetworkAttachments("test", {
      loadBalancer: balancer,
      networks: { production: { id: "fr-par/network-production" } },
    });
    return new ExternallyManagedService("test", args, { dependsOn: attachments });
  });
  expect(one(SERVICE).dependencies.join()).toContain(
    "scaleway:loadbalancers/privateNetwork:PrivateNetwork::test-production",
  );
});

test("the policy admits these ranges to these ports of the pods, and nobody else", async () => {
  const { one } = await service({
    extraPorts: [{ name: "test", port: 81 }],
    admittedRanges: ["172.16.8.0/22"],
  });
  expect(one(POLICY).inputs).toEqual({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: {
      name: "test-lb-private",
      namespace: "ops-tools",
      labels: inputsOf(one(SERVICE)).metadata.labels,
      annotations: { "pulumi.com/patchForce": "true" },
    },
    spec: {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "test" } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ ipBlock: { cidr: "172.16.8.0/22" } }],
          ports: [
            { protocol: "TCP", port: 80 },
            { protocol: "TCP", port: 81 },
          ],
        },
      ],
    },
  });
});

test("the policy names a port of the pods once, though several ports lead to it", async () => {
  const extraPorts = [
    { name: "also", port: 8443, targetPort: 80 },
    { name: "other", port: 81 },
  ];
  const { one } = await service({ extraPorts, admittedRanges: ["172.16.8.0/22"] });
  expect(one(POLICY).inputs).toMatchObject({
    spec: { ingress: [{ ports: [{ port: 80 }, { port: 81 }] }] },
  });
});

test("its children inherit the provider of the cluster", async () => {
  const { Provider } = await import("@pulumi/kubernetes/provider.js");
  const { one } = await record(() => {
    const cluster = new Provider("cluster", { context: "production" });
    return new ExternallyManagedService(
      "test",
      { ...args, admittedRanges: ["10.0.0.0/8"] },
      { provider: cluster },
    );
  });
  for (const type of [SERVICE, POLICY])
    expect(one(type).provider).toContain("pulumi:providers:kubernetes::cluster");
});

test("its output is the uid by which the CCM names frontends", async () => {
  const { result } = await service();
  expect(result).toBeInstanceOf(ComponentResource);
  expect(await resolved(result.uid)).toBe("uid-of-test");
});

test("its output is unknown, not absent, in a preview that tells no uid", async () => {
  const { result } = await record(() => new ExternallyManagedService("test", args), "prod", [
    SERVICE,
  ]);
  expect(await (result.uid as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(false);
});
