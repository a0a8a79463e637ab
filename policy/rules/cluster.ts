/** No way past the load balancer: Services and NetworkPolicies. */
import { privateRangeRule } from "../../config/ranges.ts";
import { at, isGiven, items, type Resource, type Rule, shown, UNKNOWN } from "../rule.ts";

const SERVICE = "kubernetes:core/v1:Service";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
/** Prefix of the CCM's annotations: its docs/loadbalancer-annotations.md. */
const SCALEWAY = "service.beta.kubernetes.io/scw-loadbalancer-";

export const privateServices: Rule = {
  name: "private-services",
  description:
    "A Service is externally managed on a private load balancer, and opens no other way in.",
  looksAt: "resource",
  violations: (resources) =>
    resources
      .filter(({ type }) => type === SERVICE)
      .flatMap(({ urn, props }) => [...openings(props)].map((message) => ({ urn, message }))),
};

function* openings(props: Record<string, unknown>): Iterable<string> {
  const kind = at(props, "spec", "type");
  if (kind === "NodePort") yield "must not be of type NodePort: it opens a port on every node";
  if (isGiven(at(props, "spec", "externalIPs")))
    yield "must not have externalIPs: they lead past the load balancer";
  for (const range of items(at(props, "spec", "loadBalancerSourceRanges"))) {
    const rule = typeof range === "string" ? privateRangeRule(range) : undefined;
    if (rule) yield `loadBalancerSourceRanges ${rule}; got ${range}`;
  }
  if (kind !== "LoadBalancer") return;
  for (const name of ["externally-managed", "private"]) {
    const value = annotation(props, name);
    if (value !== "true" && value !== UNKNOWN)
      yield `must have the annotation ${SCALEWAY}${name}: "true", and has ${shown(value)}`;
  }
  if (!isGiven(annotation(props, "id")))
    yield `must have the annotation ${SCALEWAY}id: without it the CCM makes a load balancer of its own`;
}

export const networkPolicies: Rule = {
  name: "network-policies",
  description:
    "The pods behind a load balancer are closed by a NetworkPolicy that admits private ranges only.",
  looksAt: "stack",
  violations: (resources) =>
    unclosed(resources, () => true, "whoever is in the cluster reaches them"),
};

export const proxyProtocolClosed: Rule = {
  name: "proxy-protocol-is-closed",
  description: "Pods that believe the PROXY protocol's headers are closed by a NetworkPolicy.",
  looksAt: "stack",
  violations: (resources) =>
    unclosed(
      resources,
      speaksProxyProtocol,
      "who reaches them can forge the PROXY protocol's header",
    ),
};

/** https://github.com/scaleway/scaleway-cloud-controller-manager: `true`, `*` or a list of ports; `false` for none. */
function speaksProxyProtocol({ props }: Resource): boolean {
  return ["proxy-protocol-v1", "proxy-protocol-v2"]
    .map((name) => annotation(props, name))
    .some((value) => value !== UNKNOWN && isGiven(value) && value !== "false");
}

function unclosed(resources: Resource[], concerns: (service: Resource) => boolean, risk: string) {
  const policies = resources.filter(({ type }) => type === POLICY);
  return resources
    .filter(({ type, props }) => type === SERVICE && at(props, "spec", "type") === "LoadBalancer")
    .filter(concerns)
    .flatMap((service) => {
      const { urn } = service;
      const own = policies.filter((policy) => selects(policy, service));
      if (own.length === 0) {
        const message = `has no NetworkPolicy for its pods: ${risk}; set networkPolicy to network or load-balancer`;
        return [{ urn, message }];
      }
      return own.flatMap(({ name, props }) =>
        [...admitted(props)].map((who) => ({
          urn,
          message: `its NetworkPolicy ${name} admits ${who}: ${risk}`,
        })),
      );
    });
}

/** Whether every pod of the Service is one of the policy's. */
function selects({ props: policy }: Resource, { props: service }: Resource): boolean {
  const labels = at(policy, "spec", "podSelector", "matchLabels") ?? {};
  const selector = at(service, "spec", "selector") ?? {};
  return (
    at(policy, "metadata", "namespace") === at(service, "metadata", "namespace") &&
    items(at(policy, "spec", "policyTypes")).includes("Ingress") &&
    !isGiven(at(policy, "spec", "podSelector", "matchExpressions")) &&
    Object.entries(labels).every(([key, value]) => at(selector, key) === value)
  );
}

/** Whom a policy admits that it should not. An empty `from` is anyone: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/ */
function* admitted(policy: Record<string, unknown>): Iterable<string> {
  for (const rule of items(at(policy, "spec", "ingress"))) {
    const from = at(rule, "from");
    if (from === UNKNOWN) continue;
    if (items(from).length === 0) yield "anyone";
    for (const peer of items(from)) {
      const range = at(peer, "ipBlock", "cidr");
      if (typeof range === "string" && privateRangeRule(range)) yield range;
    }
  }
}

function annotation(props: Record<string, unknown>, name: string): unknown {
  return at(props, "metadata", "annotations", `${SCALEWAY}${name}`);
}
