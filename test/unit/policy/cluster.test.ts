import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../policy/rule.ts";
import {
  networkPolicies,
  privateServices,
  proxyProtocolClosed,
} from "../../../policy/rules/cluster.ts";
import { policy, SCALEWAY, said, service } from "./resources.ts";

describe("private-services", () => {
  test("an externally managed Service on a private load balancer passes", () => {
    expect(said(privateServices, [service()])).toEqual([]);
    expect(said(privateServices, [service({ [`${SCALEWAY}id`]: UNKNOWN })])).toEqual([]);
    expect(said(privateServices, [service({}, { type: "ClusterIP" })])).toEqual([]);
  });

  test.each([
    ["externally-managed", undefined, 'externally-managed: "true", and has nothing'],
    ["private", "false", 'private: "true", and has "false"'],
    ["id", undefined, "id: without it the CCM makes a load balancer of its own"],
  ])("one whose annotation %s is %s fails", (name, value, message) => {
    const found = said(privateServices, [service({ [`${SCALEWAY}${name}`]: value })]);
    expect(found).toEqual([`must have the annotation ${SCALEWAY}${message}`]);
  });

  test.each([
    [{ type: "NodePort" }, "must not be of type NodePort: it opens a port on every node"],
    [{ externalIPs: ["10.0.0.9"] }, "must not have externalIPs: they lead past the load balancer"],
    [
      { loadBalancerSourceRanges: ["172.16.0.0/22", "0.0.0.0/0"] },
      "loadBalancerSourceRanges must be a private range, within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10; got 0.0.0.0/0",
    ],
  ])("one with %j fails", (spec, message) => {
    expect(said(privateServices, [service({}, spec)])).toEqual([message]);
  });
});

const proxied = service({ [`${SCALEWAY}proxy-protocol-v2`]: "443" });

describe.each([
  ["network-policies", networkPolicies, service()],
  ["proxy-protocol-is-closed", proxyProtocolClosed, proxied],
])("%s", (_, rule, pods) => {
  test("pods that a policy closes pass", () => {
    expect(said(rule, [pods, policy()])).toEqual([]);
    expect(said(rule, [pods, policy({ ingress: [{ from: UNKNOWN }] })])).toEqual([]);
    expect(said(rule, [pods, policy({ podSelector: {} })])).toEqual([]);
  });

  test.each([
    ["there is none", []],
    ["it is in another namespace", [policy({}, "default")]],
    ["it selects others", [policy({ podSelector: { matchLabels: { app: "vault" } } })]],
    ["it selects but some", [policy({ podSelector: { matchExpressions: [{ key: "canary" }] } })]],
    ["it is of egress", [policy({ policyTypes: ["Egress"] })]],
  ])("without a policy they fail: %s", (_why, policies) => {
    const [only, ...others] = said(rule, [pods, ...policies]);
    expect(only).toMatch(/^has no NetworkPolicy for its pods: .+; set networkPolicy to network/);
    expect(others).toEqual([]);
  });

  test.each([
    [{ ingress: [{}] }, "anyone"],
    [{ ingress: [{ from: [] }] }, "anyone"],
    [{ ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] }, "0.0.0.0/0"],
  ])("a policy with %j fails", (spec, who) => {
    const [only] = said(rule, [pods, policy(spec)]);
    expect(only).toContain(`its NetworkPolicy test.example.com-ingress admits ${who}: `);
  });
});

test.each(["false", undefined])(
  "proxy-protocol-is-closed asks nothing of a Service whose proxy-protocol-v2 is %s",
  (value) => {
    const plain = service({ [`${SCALEWAY}proxy-protocol-v2`]: value });
    expect(said(proxyProtocolClosed, [plain])).toEqual([]);
  },
);
