import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KubernetesClient } from "../../../sandbox/adapters/kubernetes/client.ts";
import { kinds, type Reference } from "../../../sandbox/adapters/kubernetes/kinds.ts";
import { loadKubeConfig } from "../../../sandbox/adapters/kubernetes/kubeConfig.ts";
import { KubernetesProvider } from "../../../sandbox/adapters/kubernetes/provider.ts";
import { CallLog } from "../../../sandbox/clouds/api.ts";
import { type Cluster, startKubernetes } from "../../../sandbox/clouds/kubernetes/index.ts";
import { PartialFailure, type Props, UNKNOWN } from "../../../sandbox/engine/provider.ts";
import { Lifecycle } from "./lifecycle.ts";

const SERVICE = "kubernetes:core/v1:Service";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";
const ID = "service.beta.kubernetes.io/scw-loadbalancer-id";

const log = new CallLog();
let cluster: Cluster;
let provider: KubernetesProvider;
/** Somebody else who edits the same objects. */
let other: KubernetesClient;
let core: CoreV1Api;

beforeAll(async () => {
  cluster = await startKubernetes({
    name: "staging",
    log,
    nodes: [{ name: "n1", address: "172.16.0.11", providerId: "scaleway://instance/fr-par-1/1" }],
    namespaces: ["ops-tools"],
  });
  cluster.addPod({
    namespace: "ops-tools",
    name: "test-0",
    labels: { app: "test" },
    containerPorts: [80],
  });
  provider = await newProvider();
  const kubeConfig = loadKubeConfig({}, config());
  other = new KubernetesClient(kubeConfig);
  core = kubeConfig.makeApiClient(CoreV1Api);
});

afterAll(async () => {
  await Promise.all([provider.close(), other.close()]);
  await cluster.close();
});

const config = () => ({ kubeconfig: JSON.stringify(cluster.kubeconfig()), context: "staging" });

async function newProvider(settings: Props = {}): Promise<KubernetesProvider> {
  const made = new KubernetesProvider({}, { settling: 30, retry: 10 });
  await made.configure({ ...config(), ...settings });
  return made;
}

/** A Service that the plugin does not wait for, as the program has it. */
const serviceNamed = (name: string, annotations: Props = {}, spec: Props = {}): Props => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: {
    name,
    namespace: "ops-tools",
    annotations: { "pulumi.com/skipAwait": "true", [ID]: "fr-par-1/1", ...annotations },
  },
  spec: {
    type: "LoadBalancer",
    selector: { app: "test" },
    ports: [{ name: "https", port: 443, targetPort: 80 }],
    ...spec,
  },
});

const newService = (name: string, annotations?: Props, spec?: Props) =>
  new Lifecycle(provider, SERVICE).create(serviceNamed(name, annotations, spec));

const reference = (name: string): Reference => ({
  kind: kinds[SERVICE] as Reference["kind"],
  namespace: "ops-tools",
  name,
});

const metadataOf = (object: Props | undefined) => object?.["metadata"] as Props;

const edit = (name: string, operations: Props[]) => other.patch(reference(name), operations);

const annotate = (name: string, key: string, value: string) =>
  edit(name, [{ op: "add", path: `/metadata/annotations/${key.replaceAll("/", "~1")}`, value }]);

/** As a cloud controller does it. */
const setIngress = (name: string, ...ips: string[]) =>
  core.patchNamespacedServiceStatus(
    {
      name,
      namespace: "ops-tools",
      body: { status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } } },
    },
    setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
  );

describe("a Service", () => {
  test("is created, changed in place and deleted", async () => {
    const service = await newService("life");
    expect(service.id).toBe("ops-tools/life");
    expect(service.outputs).toMatchObject({
      kind: "Service",
      metadata: { name: "life", uid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      spec: { clusterIP: expect.stringMatching(/^10\./) },
      __initialApiVersion: "v1",
      __fieldManager: expect.stringMatching(/^pulumi-kubernetes-[0-9a-f]{8}$/),
    });
    const { uid } = metadataOf(service.outputs);

    const inputs = serviceNamed("life", { [ID]: "fr-par-1/2" });
    await expect(service.diff(inputs)).resolves.toMatchObject({
      changes: true,
      replaces: [],
      changed: [`metadata.annotations["${ID}"]`],
    });
    await service.update(inputs);
    expect(metadataOf(service.outputs)).toMatchObject({ uid, annotations: { [ID]: "fr-par-1/2" } });
    await service.refresh();
    await expect(service.diff(inputs)).resolves.toMatchObject({ changes: false });

    await service.delete();
    await expect(other.get(reference("life"))).resolves.toBeUndefined();
    await expect(service.refresh()).resolves.toBe(false);
    await expect(service.delete()).resolves.toBeUndefined();
  });

  test("without a name gets one with a random end", async () => {
    const inputs = serviceNamed("x");
    const { name: _, ...metadata } = metadataOf(inputs);
    const service = new Lifecycle(provider, SERVICE, "auto");
    await service.create({ ...inputs, metadata });
    expect(service.id).toMatch(/^ops-tools\/auto-[0-9a-f]{8}$/);
    await expect(service.diff({ ...inputs, metadata })).resolves.toMatchObject({ changes: false });
  });

  test("without a namespace goes where the provider says", async () => {
    const inputs = serviceNamed("homeless");
    const { namespace: _, ...metadata } = metadataOf(inputs);
    const there = await newProvider({ namespace: "ops-tools" });
    const service = await new Lifecycle(there, SERVICE).create({ ...inputs, metadata });
    expect(service.id).toBe("ops-tools/homeless");
    const elsewhere = await new Lifecycle(provider, SERVICE).create({ ...inputs, metadata });
    expect(elsewhere.id).toBe("default/homeless");
    await there.close();
  });

  test("that is there already is not taken over", async () => {
    await newService("twice");
    await expect(newService("twice")).rejects.toThrow(
      /^kubernetes: create Service ops-tools\/twice: 409 AlreadyExists: /,
    );
  });

  test("in a namespace that is not there is tried again, and then refused", async () => {
    const inputs = serviceNamed("lost");
    const metadata = { ...metadataOf(inputs), namespace: "nowhere" };
    const before = log.calls.length;
    await expect(new Lifecycle(provider, SERVICE).create({ ...inputs, metadata })).rejects.toThrow(
      /404 NotFound: .*nowhere/,
    );
    const calls = log.calls.slice(before).filter(({ path }) => path.includes("nowhere"));
    expect(calls).toHaveLength(6);
  });

  test("is imported by namespace and name", async () => {
    await newService("found");
    const service = new Lifecycle(provider, SERVICE);
    await expect(service.import("ops-tools/found")).resolves.toBe(true);
    expect(service.inputs).toMatchObject(serviceNamed("found"));
    expect(metadataOf(service.inputs)).not.toHaveProperty("uid");
    expect(service.inputs).not.toHaveProperty("status");
    await expect(new Lifecycle(provider, SERVICE).import("ops-tools/none")).resolves.toBe(false);
  });
});

describe("server-side apply", () => {
  test("an annotation that another changed is seen after a refresh, and refused to be taken", async () => {
    const service = await newService("conflict");
    // From the first update on, the fields are this provider's own.
    const inputs = serviceNamed("conflict", { mine: "1" });
    await service.update(inputs);
    await annotate("conflict", ID, "fr-par-1/9");
    await expect(service.diff(inputs)).resolves.toMatchObject({ changes: false });
    await service.refresh();
    await expect(service.diff(inputs)).resolves.toMatchObject({ changes: true, replaces: [] });
    await expect(service.preview(inputs)).rejects.toThrow(/409 Conflict: /);

    const failure = await service.update(inputs).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    const { outputs, message } = failure as PartialFailure;
    expect(message).toMatch(/^kubernetes: apply Service ops-tools\/conflict: 409 Conflict: /);
    expect(metadataOf(outputs)).toMatchObject({ annotations: { [ID]: "fr-par-1/9" } });
  });

  test("pulumi.com/patchForce takes it back", async () => {
    const service = await newService("forced", { "pulumi.com/patchForce": "true" });
    await annotate("forced", ID, "fr-par-1/9");
    await service.refresh();
    const inputs = serviceNamed("forced", { "pulumi.com/patchForce": "true" });
    await expect(service.preview(inputs)).resolves.toBeDefined();
    await service.update(inputs);
    expect(metadataOf(service.outputs)).toMatchObject({ annotations: { [ID]: "fr-par-1/1" } });
  });

  test("an annotation that another added stays, and is no difference", async () => {
    const service = await newService("added");
    await annotate("added", "other", "1");
    await service.refresh();
    await expect(service.diff(serviceNamed("added"))).resolves.toMatchObject({ changes: false });
    await service.update(serviceNamed("added", { mine: "1" }));
    expect(metadataOf(service.outputs)).toMatchObject({ annotations: { other: "1", mine: "1" } });
  });

  test("an annotation that the program drops goes away", async () => {
    const service = await newService("dropped", { mine: "1" });
    await service.update(serviceNamed("dropped"));
    expect(metadataOf(service.outputs)["annotations"]).not.toHaveProperty("mine");
  });
});

describe("a preview", () => {
  test("of a new object is the server's dry run, without a status", async () => {
    const preview = await new Lifecycle(provider, SERVICE).preview(serviceNamed("dry"));
    expect(preview).toMatchObject({ spec: { clusterIP: expect.any(String) } });
    expect(preview).not.toHaveProperty("status");
    await expect(other.get(reference("dry"))).resolves.toBeUndefined();
  });

  test("of an update knows the uid, and changes nothing", async () => {
    const service = await newService("dryupdate");
    const { uid } = metadataOf(service.outputs);
    const preview = await service.preview(serviceNamed("dryupdate", { [ID]: "fr-par-1/2" }));
    expect(metadataOf(preview)).toMatchObject({ uid, annotations: { [ID]: "fr-par-1/2" } });
    expect(metadataOf(await other.get(reference("dryupdate")))).toMatchObject({
      annotations: { [ID]: "fr-par-1/1" },
    });
  });

  test("with an unknown value is the inputs", async () => {
    const service = await newService("dryunknown");
    const inputs = serviceNamed("dryunknown", { [ID]: UNKNOWN });
    await expect(service.preview(inputs)).resolves.toEqual(inputs);
  });

  test("of an object whose name is taken, or whose namespace is not there yet, is the inputs", async () => {
    await newService("taken");
    const preview = new Lifecycle(provider, SERVICE).preview(serviceNamed("taken"));
    await expect(preview).resolves.toEqual(serviceNamed("taken"));
    const inputs = serviceNamed("early");
    const early = { ...inputs, metadata: { ...metadataOf(inputs), namespace: "later" } };
    await expect(new Lifecycle(provider, SERVICE).preview(early)).resolves.toEqual(early);
  });
});

describe("waiting", () => {
  const awaited = (name: string, annotations: Props = {}, spec: Props = {}) => {
    const inputs = serviceNamed(name, { "pulumi.com/skipAwait": "false", ...annotations }, spec);
    return new Lifecycle(provider, SERVICE).create(inputs);
  };

  test("a LoadBalancer Service is there when it has an address and its endpoints are settled", async () => {
    const created = awaited("balanced");
    await expect.poll(() => other.get(reference("balanced"))).toBeDefined();
    await setIngress("balanced", "172.16.0.5");
    const { outputs } = await created;
    expect(outputs).toMatchObject({
      status: { loadBalancer: { ingress: [{ ip: "172.16.0.5" }] } },
    });
  });

  test("one without an address fails in bounded time, and is kept as partly initialised", async () => {
    const attempt = awaited("pending", { "pulumi.com/timeoutSeconds": "0.2" });
    const failure = await attempt.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    const { id, message } = failure as PartialFailure;
    expect(id).toBe("ops-tools/pending");
    expect(message).toContain("does not serve after 0.2 s");
    expect(message).toContain("was not allocated an IP address");
  });

  test("one that has lost its address is read as partly initialised", async () => {
    const created = awaited("lost");
    await expect.poll(() => other.get(reference("lost"))).toBeDefined();
    await setIngress("lost", "172.16.0.6");
    const service = await created;
    await expect(service.refresh()).resolves.toBe(true);
    await setIngress("lost");
    await expect(service.refresh()).rejects.toBeInstanceOf(PartialFailure);
  });

  test("one whose Pods are not ready fails", async () => {
    const labels = { app: "unready" };
    cluster.addPod({ namespace: "ops-tools", name: "unready-0", labels, containerPorts: [80] });
    const running = () => core.readNamespacedPod({ namespace: "ops-tools", name: "unready-0" });
    await expect.poll(async () => (await running()).status?.podIP).toBeDefined();
    cluster.setReady("ops-tools", "unready-0", false);
    const spec = { type: "ClusterIP", selector: labels };
    const attempt = awaited("unready", { "pulumi.com/timeoutSeconds": "0.2" }, spec);
    await expect(attempt).rejects.toThrow("does not target any ready Pods");
  });

  test("a deletion returns when the object is really gone", async () => {
    const service = await newService("held");
    await edit("held", [{ op: "add", path: "/metadata/finalizers", value: [FINALIZER] }]);
    let gone = false;
    const deleted = service.delete().then(() => {
      gone = true;
    });
    const marked = async () => metadataOf(await other.get(reference("held")))["deletionTimestamp"];
    await expect.poll(marked).toBeDefined();
    expect(gone).toBe(false);
    await edit("held", [{ op: "remove", path: "/metadata/finalizers" }]);
    await deleted;
    await expect(other.get(reference("held"))).resolves.toBeUndefined();
  });

  test("a deletion that a finalizer holds fails in bounded time and names it", async () => {
    const service = await newService("stuck", { "pulumi.com/timeoutSeconds": "0.2" });
    await edit("stuck", [{ op: "add", path: "/metadata/finalizers", value: [FINALIZER] }]);
    await expect(service.delete()).rejects.toThrow(
      `still there after 0.2 s; finalizers might be preventing deletion (${FINALIZER})`,
    );
    await edit("stuck", [{ op: "remove", path: "/metadata/finalizers" }]);
  });
});

describe("a NetworkPolicy", () => {
  const policy = (cidr: string): Props => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "test", namespace: "ops-tools" },
    spec: {
      podSelector: { matchLabels: { app: "test" } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ ipBlock: { cidr } }], ports: [{ port: 80, protocol: "TCP" }] }],
    },
  });

  test("is created, changed in place and deleted", async () => {
    const made = await new Lifecycle(provider, POLICY).create(policy("172.16.0.0/22"));
    expect(made.id).toBe("ops-tools/test");
    await made.update(policy("172.16.4.0/22"));
    expect(made.outputs).toMatchObject(policy("172.16.4.0/22"));
    await expect(made.diff(policy("172.16.4.0/22"))).resolves.toMatchObject({ changes: false });
    await made.delete();
    await expect(made.refresh()).resolves.toBe(false);
  });
});

describe("the provider", () => {
  test("refuses a context that the kubeconfig has not, at the first call", async () => {
    const wrong = await newProvider({ context: "production" });
    await expect(new Lifecycle(wrong, SERVICE).create(serviceNamed("wrong"))).rejects.toThrow(
      'configured Kubernetes cluster is unreachable: context "production" does not exist; the kubeconfig has staging',
    );
  });

  test("refuses a kubeconfig that is not there, at the first call", async () => {
    const wrong = new KubernetesProvider({ KUBECONFIG: "/nonexistent/kubeconfig" });
    await wrong.configure({});
    await expect(new Lifecycle(wrong, SERVICE).create(serviceNamed("wrong"))).rejects.toThrow(
      "kubeconfig /nonexistent/kubeconfig: no such file",
    );
  });

  test("never shows the token in an error", async () => {
    const kubeconfig = cluster.kubeconfig();
    const token = "wrong-token-0123456789";
    const users = kubeconfig.users.map(({ name }) => ({ name, user: { token } }));
    const wrong = await newProvider({ kubeconfig: JSON.stringify({ ...kubeconfig, users }) });
    const attempt = new Lifecycle(wrong, SERVICE).create(serviceNamed("denied"));
    await expect(attempt).rejects.toThrow(/create Service ops-tools\/denied: 401 /);
    await expect(attempt).rejects.not.toThrow(token);
    await wrong.close();
  });

  test("refuses what the sandbox has not", async () => {
    await expect(newProvider({ renderYamlToDirectory: "/tmp/x" })).rejects.toThrow(
      "renderYamlToDirectory is not supported by the sandbox",
    );
    await expect(newProvider({ enableServerSideApply: "false" })).rejects.toThrow(
      "server-side apply only",
    );
  });
});
