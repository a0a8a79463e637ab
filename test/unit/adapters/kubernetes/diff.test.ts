/** What a change of each property of a Kubernetes object does, as the real plugin decides it. */
import { describe, expect, test } from "vitest";
import { checkpoint } from "../../../../sandbox/adapters/kubernetes/objects.ts";
import { KubernetesProvider } from "../../../../sandbox/adapters/kubernetes/provider.ts";
import { type Props, UNKNOWN } from "../../../../sandbox/engine/provider.ts";

const service: Props = {
  apiVersion: "v1",
  kind: "Service",
  metadata: {
    name: "test",
    namespace: "ops-tools",
    labels: { "app.kubernetes.io/name": "test" },
    annotations: { "service.beta.kubernetes.io/scw-loadbalancer-id": "fr-par-1/1" },
  },
  spec: {
    type: "LoadBalancer",
    externalTrafficPolicy: "Local",
    selector: { "app.kubernetes.io/name": "test" },
    ports: [
      { name: "https", port: 443, targetPort: 80 },
      { name: "test", port: 81, targetPort: 81 },
    ],
  },
};

/** As the server fills it in. */
const liveService: Props = {
  ...service,
  metadata: { ...(service["metadata"] as Props), uid: "u", resourceVersion: "7" },
  spec: { ...(service["spec"] as Props), clusterIP: "10.43.0.9", sessionAffinity: "None" },
  status: { loadBalancer: { ingress: [{ ip: "172.16.0.5" }] } },
};

const policy: Props = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "test", namespace: "ops-tools" },
  spec: {
    podSelector: { matchLabels: { "app.kubernetes.io/name": "test" } },
    policyTypes: ["Ingress"],
    ingress: [{ from: [{ ipBlock: { cidr: "172.16.0.0/22" } }], ports: [{ port: 80 }] }],
  },
};

type Effect = "nothing" | "update" | "replace: create first" | "replace: delete first";

async function effectOf(type: string, old: Props, live: Props, inputs: Props): Promise<Effect> {
  const provider = new KubernetesProvider({});
  const diff = await provider.diff({
    urn: `urn:pulumi:s::p::${type}::test`,
    type,
    id: "ops-tools/test",
    oldInputs: old,
    oldOutputs: checkpoint(old, live, "pulumi-kubernetes-1"),
    inputs,
  });
  if (!diff.changes) return "nothing";
  if (diff.replaces.length === 0) return "update";
  return diff.deleteBeforeReplace ? "replace: delete first" : "replace: create first";
}

/** A copy with the value at the path changed, or taken away (`undefined`). */
function changed(object: Props, path: string[], value: unknown): Props {
  const [first, ...rest] = path;
  if (first === undefined) return object;
  if (rest.length > 0) {
    return { ...object, [first]: changed((object[first] ?? {}) as Props, rest, value) };
  }
  const { [first]: _, ...others } = object;
  return value === undefined ? others : { ...object, [first]: value };
}

const serviceRows: [string, string[], unknown, Effect][] = [
  ["metadata.name", ["metadata", "name"], "other", "replace: create first"],
  ["metadata.name unknown", ["metadata", "name"], UNKNOWN, "replace: create first"],
  // Two Services would claim port 443: the program says deleteBeforeReplace.
  ["metadata.namespace", ["metadata", "namespace"], "other", "replace: create first"],
  ["metadata.labels", ["metadata", "labels"], { a: "b" }, "update"],
  ["metadata.labels dropped", ["metadata", "labels"], undefined, "update"],
  ["metadata.annotations", ["metadata", "annotations", "pulumi.com/patchForce"], "true", "update"],
  [
    "an annotation unknown",
    ["metadata", "annotations", "service.beta.kubernetes.io/scw-loadbalancer-certificate-ids"],
    UNKNOWN,
    "update",
  ],
  ["spec.type", ["spec", "type"], "ClusterIP", "update"],
  ["spec.clusterIP", ["spec", "clusterIP"], "None", "replace: delete first"],
  ["spec.selector", ["spec", "selector"], { a: "b" }, "update"],
  ["spec.ports", ["spec", "ports"], [{ name: "https", port: 8443 }], "update"],
  ["spec.externalTrafficPolicy", ["spec", "externalTrafficPolicy"], "Cluster", "update"],
  ["spec.loadBalancerSourceRanges", ["spec", "loadBalancerSourceRanges"], ["10.0.0.0/8"], "update"],
  ["spec.loadBalancerClass", ["spec", "loadBalancerClass"], "scaleway", "update"],
];

describe("kubernetes:core/v1:Service", () => {
  const type = "kubernetes:core/v1:Service";

  test.each(serviceRows)("a change of %s", async (_, path, value, effect) => {
    const inputs = changed(service, path, value);
    await expect(effectOf(type, service, liveService, inputs)).resolves.toBe(effect);
  });

  test("what the server filled in is no change", async () => {
    await expect(effectOf(type, service, liveService, service)).resolves.toBe("nothing");
  });

  test("an annotation that a refresh has seen changed is put right", async () => {
    const key = "service.beta.kubernetes.io/scw-loadbalancer-id";
    const live = changed(liveService, ["metadata", "annotations", key], "fr-par-1/2");
    await expect(effectOf(type, service, live, service)).resolves.toBe("update");
  });

  test("a replacement of an object that the plugin named creates first", async () => {
    const annotations = { "pulumi.com/autonamed": "true" };
    const auto = changed(service, ["metadata", "annotations"], annotations);
    const live = changed(liveService, ["metadata", "annotations"], annotations);
    const inputs = changed(auto, ["spec", "clusterIP"], "None");
    await expect(effectOf(type, auto, live, inputs)).resolves.toBe("replace: create first");
  });

  test("the preview names an annotation as Pulumi writes its path", async () => {
    const provider = new KubernetesProvider({});
    const key = "service.beta.kubernetes.io/scw-loadbalancer-id";
    const diff = await provider.diff({
      urn: `urn:pulumi:s::p::${type}::test`,
      type,
      id: "ops-tools/test",
      oldInputs: service,
      oldOutputs: checkpoint(service, liveService, "pulumi-kubernetes-1"),
      inputs: changed(
        changed(service, ["metadata", "annotations", key], "fr-par-1/2"),
        ["spec", "ports"],
        [{ name: "https", port: 443, targetPort: 8080 }],
      ),
    });
    expect(diff.changed).toEqual([
      `metadata.annotations["${key}"]`,
      "spec.ports[0].targetPort",
      "spec.ports[1]",
    ]);
  });
});

const policyRows: [string, string[], unknown, Effect][] = [
  ["metadata.name", ["metadata", "name"], "other", "replace: create first"],
  ["metadata.namespace", ["metadata", "namespace"], "other", "replace: create first"],
  ["metadata.labels", ["metadata", "labels"], { a: "b" }, "update"],
  ["spec.podSelector", ["spec", "podSelector"], { matchLabels: { a: "b" } }, "update"],
  ["spec.policyTypes", ["spec", "policyTypes"], ["Ingress", "Egress"], "update"],
  ["spec.ingress", ["spec", "ingress"], [], "update"],
  ["spec.egress", ["spec", "egress"], [{}], "update"],
];

describe("kubernetes:networking.k8s.io/v1:NetworkPolicy", () => {
  const type = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

  test.each(policyRows)("a change of %s", async (_, path, value, effect) => {
    const inputs = changed(policy, path, value);
    await expect(effectOf(type, policy, policy, inputs)).resolves.toBe(effect);
  });

  test("nothing changed is no change", async () => {
    await expect(effectOf(type, policy, policy, policy)).resolves.toBe("nothing");
  });
});
