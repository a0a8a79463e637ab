import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service, startCluster, type TestCluster } from "../../unit/kubernetes/cluster.ts";
import { isMissing, type Ran } from "./shell.ts";

const missing = isMissing("kubectl", "version", "--client");

let k8s: TestCluster;
let home: string;
beforeAll(async () => {
  if (missing) return;
  k8s = await startCluster();
  home = await mkdtemp(join(tmpdir(), "private-lb-kubectl-"));
  await writeFile(join(home, "kubeconfig"), JSON.stringify(k8s.cluster.kubeconfig()));
  k8s.cluster.addPod({
    namespace: "ops-tools",
    name: "web-0",
    labels: { app: "web" },
    containerPorts: [80],
  });
});
afterAll(async () => {
  if (missing) return;
  await k8s.close();
  await rm(home, { recursive: true, force: true });
});

function kubectl(args: string, input?: unknown): Promise<Ran> {
  return new Promise((resolve) => {
    const env = {
      ...process.env,
      HOME: home,
      KUBECONFIG: join(home, "kubeconfig"),
      KUBE_EDITOR: editor,
    };
    const all = ["--request-timeout=60s", ...args.split(" ")];
    const child = execFile("kubectl", all, { env, timeout: 120_000 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, out, err });
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(input === undefined ? "" : JSON.stringify(input));
  });
}

/** An editor that changes port 443 to 8443. */
const editor = "sed -i s/443/8443/";

async function ok(args: string, input?: unknown): Promise<string> {
  const { code, out, err } = await kubectl(args, input);
  expect([code, err]).toEqual([0, expect.not.stringContaining("rror")]);
  return out;
}

const web = (name: string, value = "1") => ({
  ...service(name, { selector: { app: "web" } }, { annotations: { x: value } }),
  metadata: { name, namespace: "ops-tools", annotations: { x: value } },
});

describe.skipIf(missing)("kubectl", () => {
  test("finds its way by discovery and OpenAPI", async () => {
    expect(await ok("api-resources")).toMatch(
      /networkpolicies +netpol +networking.k8s.io\/v1 +true/,
    );
    expect(await ok("explain service.spec.ports.targetPort")).toContain("FIELD: targetPort");
    const older = "explain service.spec.ports --output=plaintext-openapiv2";
    expect(await ok(older)).toContain("targetPort");
    expect((await ok("auth can-i delete services")).trim()).toBe("yes");
    expect(await ok("auth whoami")).toContain("admin");
  });

  test("applies on its own side, and shows what it would change", async () => {
    expect(await ok("apply -f -", web("client"))).toBe("service/client created\n");
    expect(await ok("apply -f -", web("client"))).toBe("service/client unchanged\n");
    const { code, out } = await kubectl("diff -f -", web("client", "2"));
    expect([code, out]).toEqual([1, expect.stringContaining('+    x: "2"')]);
    expect(await ok("apply -f -", web("client", "2"))).toBe("service/client configured\n");
  });

  test("applies on the server's side, and sees conflicts", async () => {
    expect(await ok("apply --server-side -f -", web("server"))).toBe(
      "service/server serverside-applied\n",
    );
    await ok("annotate service server -n ops-tools x=by-hand --overwrite");
    const { code, err } = await kubectl("apply --server-side -f -", web("server"));
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /Apply failed with 1 conflict: conflict with "kubectl-annotate" using v1/,
      ),
    ]);
    await ok("apply --server-side --force-conflicts -f -", web("server"));
    const value = "get service server -n ops-tools -o jsonpath={.metadata.annotations.x}";
    expect(await ok(value)).toBe("1");
  });

  test("moves from its own side to the server's", async () => {
    await ok("apply -f -", web("moved"));
    await ok("apply --server-side -f -", web("moved", "2"));
    const managers =
      "get service moved -n ops-tools -o jsonpath={.metadata.managedFields[*].manager}";
    // kubectl gives its own record of the last apply to an owner of its own.
    expect(await ok(managers)).toBe("kubectl kubectl-last-applied");
  });

  test("creates, edits, patches, labels and deletes", async () => {
    await ok("create namespace made");
    await ok("create service loadbalancer lb -n made --tcp=443:80");
    await ok("create configmap map -n made --from-literal=a=b");
    await ok("create secret generic secret -n made --from-literal=a=b");
    await ok("edit service lb -n made");
    expect(await ok("get service lb -n made")).toMatch(
      /lb +LoadBalancer .* <pending> +8443:3\d+\/TCP/,
    );
    const patches = {
      json: '[{"op":"add","path":"/spec/externalTrafficPolicy","value":"Local"}]',
      merge: '{"metadata":{"annotations":{"kind":"merge"}}}',
      strategic: '{"spec":{"ports":[{"port":81,"name":"more"},{"port":8443,"name":"443-80"}]}}',
    };
    for (const [kind, patch] of Object.entries(patches))
      await ok(`patch service lb -n made --type=${kind} -p ${patch}`);
    expect(await ok("get service lb -n made -o jsonpath={.spec.ports[*].port}")).toBe("8443 81");
    await ok("label service lb -n made a=b");
    expect(await ok("get service -n made -l a=b -o name")).toBe("service/lb\n");
    await ok("delete namespace made");
    const { code, err } = await kubectl("get namespace made");
    expect([code, err]).toEqual([1, 'Error from server (NotFound): namespaces "made" not found\n']);
  });

  test("describes, waits and watches", async () => {
    await ok("apply -f -", web("described"));
    const described = await ok("describe service described -n ops-tools");
    expect(described).toMatch(/Endpoints: +100\.64\.\d+\.\d+:80/);
    expect(await ok("wait pod/web-0 -n ops-tools --for=condition=Ready")).toContain(
      "condition met",
    );
    expect(await ok("get nodes -o wide")).toMatch(/node-1 +Ready .* 172\.16\.0\.11/);
    const watched = kubectl("get service described -n ops-tools --watch --request-timeout=2s");
    expect((await watched).out).toContain("described");
  });

  test("deletes what a finalizer holds only when that is gone", async () => {
    const metadata = { ...web("held").metadata, finalizers: ["example.net/held"] };
    await ok("apply -f -", { ...web("held"), metadata });
    await ok("delete service held -n ops-tools --wait=false");
    const when = "get service held -n ops-tools -o jsonpath={.metadata.deletionTimestamp}";
    expect(await ok(when)).toMatch(/^\d{4}-/);
    const gone = ok("wait service/held -n ops-tools --for=delete --timeout=10s");
    await ok('patch service held -n ops-tools --type=merge -p {"metadata":{"finalizers":null}}');
    await gone;
    expect((await kubectl("get service held -n ops-tools")).err).toContain("NotFound");
  });

  test("lists in pages and in every form", async () => {
    for (const name of ["form-1", "form-2", "form-3"]) await ok("apply -f -", web(name));
    const all = await ok("get services -n ops-tools --chunk-size=1 -o name");
    expect(all.match(/service\/form-\d/g)).toHaveLength(3);
    expect(await ok("get services -n ops-tools -o wide")).toMatch(
      /SELECTOR\n(.*\n)*form-1 .* app=web/,
    );
    expect(await ok("get service form-1 -n ops-tools -o yaml")).toContain("kind: Service");
    const one = "get services -n ops-tools --field-selector metadata.name=form-2 -o name";
    expect(await ok(one)).toBe("service/form-2\n");
    expect(await ok("get --raw /readyz")).toBe("ok");
  });

  test("reports what is invalid", async () => {
    const bad = { ...web("bad"), spec: { ports: [{ port: 0 }] } };
    const { code, err } = await kubectl("create -f -", bad);
    expect([code, err]).toEqual([1, expect.stringContaining('The Service "bad" is invalid')]);
    const odd = { ...web("bad"), spec: { ports: [{ port: 1 }], frob: 1 } };
    expect((await kubectl("create -f -", odd)).err).toContain('unknown field "spec.frob"');
  });
});
