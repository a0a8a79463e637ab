/** The original CCM on the sandbox's APIs, beside the sandbox's own: both make the same of a Service. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CoreV1Event } from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { optionAnnotations, type ServiceOptions } from "../../../components/ccmAnnotations.ts";
import { moveAway, removeService, replaceElsewhere, served, shareBalancer } from "./services.ts";
import { type Annotations, CLUSTER_ID, startWorld, type World } from "./world.ts";

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
  const service = await served(world, name);
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
    // A busy machine has the original meet its own frontend of a moment ago, and try again.
    events: [...new Set(events.filter(({ type }) => type === "Normal").map(toldBy))].sort(),
  };
}

const toldBy = ({ reason, message }: CoreV1Event) => `${reason}: ${message}`;

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

/** A table of what the product can ask for, all of it at least once. */
const TREATMENTS: ServiceOptions[] = [
  {
    http3: true,
    accessLogs: true,
    connectionRateLimit: 200,
    timeouts: { client: 90 },
    backendTls: "verified",
  },
  {
    proxyProtocol: "v2",
    healthCheck: { type: "tcp", delay: 2, timeout: 1, maxRetries: 4 },
    timeouts: { client: 60, server: 300, connect: 5, tunnel: 3600 },
    stickySessions: "table",
    extraPorts: [{ port: 81, proxyProtocol: "off" }],
  },
  {
    healthCheck: {
      ...{ type: "http", path: "/ready?full=1", host: "test.example.com", method: "HEAD" },
      code: 204,
      transientDelay: 1,
    },
    extraPorts: [{ port: 81, proxyProtocol: "v2" }],
    backendTls: "unverified",
  },
  {
    healthCheck: { type: "https", host: "test.example.com" },
    backendProtocol: "tcp",
    extraPorts: [{ port: 81 }],
  },
  { stickySessions: "cookie" },
];

describe.skipIf(missing)("the original CCM", () => {
  let original: ChildProcess;
  let all: Annotations[];
  const own: unknown[] = [];
  beforeAll(async () => {
    if (missing) return;
    const certificate = await world.certificate();
    all = TREATMENTS.map((options) => ({
      "private-ip-ids": world.addressId,
      "ip-mode": "Proxy",
      "certificate-ids": `443:fr-par-1/${certificate}`,
      ...optionAnnotations(options),
    }));
    for (const [i, annotations] of all.entries()) {
      await create(`own-${i}`, annotations);
      own.push(await made(`own-${i}`));
      await removeService(world, `own-${i}`);
    }
    await world.ccm.stop();
    original = startOriginal();
    // When it starts it syncs nodes and Services at the same time, and may find its own frontend in the way.
    await create("first", {});
    await made("first");
    await removeService(world, "first");
  }, 60_000);
  // What one test has left would be in the next one's way.
  afterEach(() => world.clean());
  afterAll(async () => {
    if (missing) return;
    original.kill();
    await once(original, "exit");
  });

  test.each(TREATMENTS.map((options, i) => [JSON.stringify(options), i] as const))(
    "makes the same of %s as the sandbox's, and removes it",
    async (_options, i) => {
      await create(`original-${i}`, all[i] ?? {});
      expect(await made(`original-${i}`)).toEqual(own[i]);
      await removeService(world, `original-${i}`);
      expect([await world.frontends(), await world.backends()]).toEqual([[], []]);
    },
    30_000,
  );

  test("lets two Services share a load balancer on different ports", async () => {
    await shareBalancer(world);
  }, 30_000);

  test("clears what a Service had before it is made anew on another load balancer", async () => {
    await replaceElsewhere(world);
  }, 30_000);

  test("leaves the frontend of a Service that moves to another load balancer", async () => {
    await moveAway(world);
  }, 30_000);
});
