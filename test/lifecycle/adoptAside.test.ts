/** Adoption where not everything is at hand, and what it says on a terminal. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { renameFrontend } from "../../operate/adopt/rename.ts";
import { readStackFile } from "../../operate/adopt/stackFile.ts";
import { addAdoptCommand } from "../../operate/adoptCommand.ts";
import { startHandshakes } from "../../sandbox/client/handshakes.ts";
import { administrator, adopted, handmade, type Site, startSite } from "./adopting.ts";
import { coreApi, type Handmade, networkingApi } from "./handmade.ts";
import { only, reach, succeed } from "./runs.ts";
import type { Stack, Stage } from "./stage.ts";

vi.setConfig({ testTimeout: 120_000 });

let site: Site;
let stage: Stage;
let folder: string;
beforeAll(async () => {
  site = await startSite();
  ({ stage, folder } = site);
});
afterAll(() => site?.close());

describe("an endpoint behind a NetworkPolicy of its own", () => {
  let stack: Stack;
  let made: Handmade;
  beforeAll(async () => {
    ({ stack, made } = await handmade(stage, { renamed: false, admits: "172.16.0.0/30" }));
  });

  const place = () => ({ namespace: "ops-tools", name: `${label()}-lb-private` });
  const label = () => made.domain.split(".", 1)[0] ?? "";
  const from = (network: string) => ({
    ...administrator(stage.world),
    PRIVATE_LB_PROXY_STAGING: stage.world.proxy(network),
  });

  /** What the command prints for it, and its exit code. */
  async function typed(...args: string[]): Promise<{ out: string; code: unknown }> {
    const lines: string[] = [];
    const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
    const before = process.exitCode;
    process.exitCode = undefined;
    writeFileSync(path.join(folder, "Pulumi.staging.yaml"), readFileSync(stack.place.configFile));
    const program = new Command();
    addAdoptCommand(program, {
      projectDir: folder,
      environment: async () => from("staging"),
      commands: () => ({ preview: "PREVIEW", up: "UP", adopt: "ADOPT" }),
      untilSignalled: () => new AbortController().signal,
    });
    try {
      await program.parseAsync(["adopt", "staging", ...args], { from: "user" });
      return { out: lines.join(""), code: process.exitCode };
    } finally {
      process.exitCode = before;
      write.mockRestore();
    }
  }

  test("is told on the terminal, with what stays, what changes, and what to do next", async () => {
    const { out, code } = await typed("--load-balancer", made.loadBalancerId);
    expect(code).toBeUndefined();
    expect(out.split("\n").map((line) => line.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "*"))).toEqual([
      `private-lb-staging-${label()}: ${made.domain}`,
      "  stays as it is:",
      `    - load balancer private-lb-staging-${label()} (*)`,
      `    - address ${made.address} in the network staging`,
      `    - Service ops-tools/${label()}-lb-private and its uid`,
      `    - A record ${made.domain} to ${made.address}`,
      expect.stringMatching(new RegExp(`^ {4}- certificate ${made.certificateName} `)),
      "  the first up changes:",
      "    - The load balancer and its addresses get tags and a description.",
      expect.stringMatching(/^ {4}- Service .* gets the annotations .*certificate-ids.*\.$/),
      expect.stringContaining("gets externalTrafficPolicy Local"),
      "    - HTTP/3 is switched off on its frontends: it needs backendProtocol http.",
      `    - The A record ${made.domain} gets a comment and an automatic TTL (now 300 s).`,
      expect.stringMatching(/its id stays, and no certificate is issued\.$/),
      "  is not touched:",
      "    - The NetworkPolicy of the same name is taken over, and admits the network then.",
      "",
      "Pulumi.staging.yaml would get (proposed: .adopt/Pulumi.staging.yaml):",
      `  + - domain: ${made.domain}`,
      ...readStackLines(path.join(folder, ".adopt", "Pulumi.staging.yaml")),
      "",
      "Next:",
      "  1. ADOPT --write",
      "  2. PRIVATE_LB_IMPORT=.adopt/staging.json PREVIEW",
      "  3. PRIVATE_LB_IMPORT=.adopt/staging.json UP",
      "From then on without PRIVATE_LB_IMPORT: nothing of the adoption stays. Stop the script and its schedule.",
      "",
    ]);
  });

  test("is none where the named load balancer is not there, which is said", async () => {
    await expect(typed("--load-balancer", "nobody")).rejects.toThrow(/nobody/);
  });

  test("is taken over by the file of its chain, where its network is out of reach", async () => {
    const env = from("production");
    const [without] = (await adopted(stage, folder, stack, made, { env })).proposals;
    expect(without?.existing?.certificate).toBeUndefined();
    expect(without?.changes.join("\n")).toMatch(/not reachable from here.*--chain/s);

    const file = path.join(folder, "fullchain.pem");
    writeFileSync(file, made.chain);
    const more = { env, chainFiles: [file] };
    const [withFile] = (await adopted(stage, folder, stack, made, more)).proposals;
    const atHand = (await adopted(stage, folder, stack, made)).proposals[0];
    expect(withFile?.existing?.certificate?.id).toBe(`fr-par-1/${made.certificateId}`);
    expect(withFile?.existing?.certificate?.chain).toBe(atHand?.existing?.certificate?.chain);
  });

  test("is refused a file that holds no chain, by its name", async () => {
    const file = path.join(folder, "key.pem");
    writeFileSync(file, "nothing");
    const more = { chainFiles: [file] };
    await expect(adopted(stage, folder, stack, made, more)).rejects.toThrow(
      /key\.pem is no chain of certificates/,
    );
  });

  test("keeps the NetworkPolicy, which admits the network from then on", async () => {
    const api = networkingApi(stage.world);
    const before = await api.readNamespacedNetworkPolicy(place());
    const { importFile, proposals } = await adopted(stage, folder, stack, made, { write: true });
    expect(proposals[0]?.existing?.networkPolicy).toBe(`ops-tools/${label()}-lb-private`);
    const importing = stack.with({ PRIVATE_LB_IMPORT: importFile });
    const preview = await succeed(importing.preview());
    const policy = preview.steps.filter(({ type }) => type.endsWith(":NetworkPolicy"));
    expect(policy.map(({ op }) => op)).toEqual(["import", "update"]);
    await succeed(importing.up());
    const after = await api.readNamespacedNetworkPolicy(place());
    expect(after.metadata?.uid).toBe(before.metadata?.uid);
    expect(after.spec?.ingress?.flatMap(({ _from: peers = [] }) => peers)).toEqual([
      { ipBlock: { cidr: "172.16.0.0/22" } },
    ]);
    expect((await only(stack)).certificateId).toBe(made.certificateId);
    expect((await reach(stage, made.domain)).status).toBe(200);
  });
});

test("a frontend keeps its name while the CCM is down, and gets it back when it is up", async () => {
  const { stack, made } = await handmade(stage);
  const ccm = stage.world.ccm("staging");
  const held = () =>
    stage.world.scaleway
      .loadBalancers()
      .find(({ id }) => id === made.loadBalancerId)
      ?.frontends.filter(({ port }) => port === 443)
      .map(({ name, certificates }) => [name, ...certificates.map(({ id }) => id)]);
  const { world } = stage;
  const witness = startHandshakes(
    { proxy: world.proxy("staging"), host: made.domain, roots: world.roots },
    20,
  );
  await ccm.stop();
  try {
    const [proposal] = (await adopted(stage, folder, stack, made)).proposals;
    if (!proposal?.rename) throw new Error("there is nothing to rename");
    const { settings } = readStackFile(stack.place.configFile);
    const options = { settings, env: administrator(stage.world), timeout: 300 };
    await expect(renameFrontend(proposal.rename, options)).rejects.toThrow(
      /no event EnsuringLoadBalancer of Service ops-tools\/.* within 0\.3 s; nothing was renamed.*Is it running\?/s,
    );
    expect(held()).toEqual([[made.domain, made.certificateId]]);
  } finally {
    await ccm.start();
  }
  const { renamed } = await adopted(stage, folder, stack, made, { renameFrontends: true });
  expect(renamed).toEqual([made.domain]);
  await ccm.idle();
  expect(held()).toEqual([[`${made.serviceUid}_tcp_443`, made.certificateId]]);
  await witness.more(2);
  expect((await witness.stop()).failures).toEqual([]);
});

test("a look of the CCM that had begun before the certificate was announced is not taken for a later one", async () => {
  const { world } = stage;
  const { stack, made } = await handmade(stage);
  await world.ccm("staging").idle();
  const held = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const given: unknown[] = [];
  let isTouched = false;
  let announced = 0;
  const ends = [
    // Between the count of the CCM's looks and the announcement another hand changes the Service.
    world.intercept(async ({ api, method, path: at, headers }) => {
      const isCount = api === "kubernetes" && method === "GET" && /\/events/.test(at);
      if (!isCount || isTouched || String(headers["user-agent"]) !== "private-lb") return undefined;
      isTouched = true;
      await touch(made);
      await held.promise;
      return undefined;
    }, "done"),
    world.intercept(async ({ api, method, path: at, headers, body }) => {
      if (api !== "scaleway" || !/ccm/.test(String(headers["user-agent"]))) return undefined;
      const { certificate_ids } = (body ?? {}) as { certificate_ids?: string[] };
      if (method === "PUT" && at.endsWith(made.frontendId)) given.push(certificate_ids);
      if (!isTouched || !at.includes(made.loadBalancerId)) return undefined;
      held.resolve();
      await goOn.promise;
      return undefined;
    }),
    world.intercept(({ api, method, path: at, headers }) => {
      const by = String(headers["user-agent"]);
      if (api === "kubernetes" && method === "PATCH" && by === "private-lb") announced++;
      const isRenamed = method === "PUT" && at.endsWith(made.frontendId) && !/ccm/.test(by);
      if (announced === 2 || isRenamed) goOn.resolve();
      return undefined;
    }, "done"),
  ];
  try {
    await adopted(stage, folder, stack, made, { renameFrontends: true });
    await world.ccm("staging").idle();
  } finally {
    for (const end of ends) end();
  }
  expect(isTouched).toBe(true);
  expect(given.filter((ids) => String(ids) !== made.certificateId)).toEqual([]);
});

async function touch({ domain }: Handmade): Promise<void> {
  const name = `${domain.split(".", 1)[0]}-lb-private`;
  const body = { metadata: { annotations: { "example.com/touched": "1" } } };
  await coreApi(stage.world).patchNamespacedService(
    { name, namespace: "ops-tools", body },
    setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
  );
}

/** The endpoint's lines in the proposal but for the first, as the terminal shows them. */
function readStackLines(file: string): string[] {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const first = lines.findIndex((line) => line.includes("- domain:"));
  const indent = lines[first]?.indexOf("-") ?? 0;
  return lines.slice(first + 1).map((line) => `  + ${line.slice(indent)}`);
}
