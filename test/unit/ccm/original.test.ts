/** The original CCM on the sandbox's APIs, beside the sandbox's own: both make the same of a Service. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../kubernetes/cluster.ts";
import { type Annotations, CLUSTER_ID, NAMESPACE, startWorld, type World } from "./world.ts";

const BINARY = "scaleway-cloud-controller-manager";
const missing = spawnSync(BINARY, ["--version"]).error !== undefined;
if (missing) console.log(`${BINARY} is not on PATH: its tests on the sandbox's APIs are skipped`);

let world: World;
let home: string;
beforeAll(async () => {
  if (missing) return;
  world = await startWorld();
  home = await mkdtemp(join(tmpdir(), "private-lb-ccm-"));
  await writeFile(join(home, "kubeconfig"), JSON.stringify(world.k8s.cluster.kubeconfig()));
});
afterAll(async () => {
  if (missing) return;
  await world.close();
  await rm(home, { recursive: true, force: true });
});

function startOriginal(): ChildProcess {
  const flags = [
    `--kubeconfig=${join(home, "kubeconfig")}`,
    "--cloud-provider=scaleway",
    "--allow-untagged-cloud",
    "--leader-elect=true",
    "--secure-port=0",
    "--webhook-secure-port=0",
  ];
  const own = { PN_ID: world.networkId, SCW_CCM_PREFIX: CLUSTER_ID };
  return spawn(BINARY, flags, { env: { ...process.env, ...world.env, ...own }, stdio: "ignore" });
}

/** What there is, without what differs from one Service to the next. */
async function made(name: string) {
  const service = await eventually(
    () => world.read(name),
    (seen) => (seen?.status?.loadBalancer?.ingress?.length ?? 0) > 0,
    15_000,
  );
  const ports = service?.spec?.ports?.map(({ nodePort }) => String(nodePort)) ?? [];
  const checked = String(service?.spec?.healthCheckNodePort);
  const neutral = (value: unknown) => {
    let text = JSON.stringify(value, (key, item) => {
      const varies = ["id", "createdAt", "updatedAt", "lb", "certificate"].includes(key);
      // The original takes the nodes in no order.
      if (key === "pool") return [...item].sort();
      return varies ? undefined : item;
    });
    text = text.replaceAll(service?.metadata?.uid ?? "-", "uid").replaceAll(checked, '"checked"');
    for (const [i, port] of ports.entries()) text = text.replaceAll(port, `"port ${i}"`);
    return text;
  };
  const events = await world.events(name);
  return {
    ingress: service?.status?.loadBalancer?.ingress,
    finalizers: service?.metadata?.finalizers,
    frontends: (await world.frontends()).map(neutral).sort(),
    backends: (await world.backends()).map(neutral).sort(),
    events: events.map(({ type, reason, message }) => [type, reason, message]).sort(),
  };
}

async function create(name: string, annotations: Annotations): Promise<void> {
  await world.service(name, annotations, {
    externalTrafficPolicy: "Local",
    loadBalancerSourceRanges: ["10.0.0.0/8"],
    ports: [
      { name: "https", port: 443, targetPort: 80 },
      { name: "test", port: 81, targetPort: 81 },
    ],
  });
}

/** By whichever CCM runs. */
async function remove(name: string): Promise<void> {
  await world.k8s.raw("DELETE", `/api/v1/namespaces/${NAMESPACE}/services/${name}`);
  await eventually(
    () => world.read(name),
    (seen) => seen === undefined,
    15_000,
  );
}

describe.skipIf(missing)("the original CCM and the sandbox's", () => {
  test("make the same of a Service, and remove it", { timeout: 60_000 }, async () => {
    const annotations = {
      "private-ip-ids": world.addressId,
      "protocol-http": "443",
      "enable-http3": "true",
      "ip-mode": "Proxy",
      "health-check-from-service": "true",
      "certificate-ids": `443:fr-par-1/${await world.certificate()}`,
      "timeout-client": "90s",
      "connection-rate-limit": "200",
    };
    await create("own", annotations);
    const own = await made("own");
    await world.clean();
    await world.ccm.stop();

    const original = startOriginal();
    try {
      // When it starts it syncs nodes and Services at the same time, and may find its own frontend in the way.
      await create("first", {});
      await made("first");
      await remove("first");
      await create("original", annotations);
      const theirs = await made("original");
      expect(own).toEqual(theirs);
      await remove("original");
      expect([await world.frontends(), await world.backends()]).toEqual([[], []]);
    } finally {
      original.kill();
      await once(original, "exit");
      await world.ccm.start();
    }
  });
});
