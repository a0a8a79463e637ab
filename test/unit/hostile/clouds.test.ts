/**
 * Whatever Scaleway, Kubernetes or Cloudflare answer, or who stands in their place: what asks them comes to an end, with
 * its result or with an error that says what was wrong; and it deletes nothing but what it was to delete.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { inventoryFor } from "../../../components/inventory.ts";
import { readStackConfig } from "../../../config/stackConfig.ts";
import { plain } from "../../../dynamic/answer.ts";
import { reason } from "../../../dynamic/failure.ts";
import { scalewayClient } from "../../../dynamic/scaleway.ts";
import { removeLeftovers } from "../../../frontend/leftovers.ts";
import * as barrier from "../../../frontend/provider.ts";
import { requestReconcile } from "../../../frontend/reconcile.ts";
import { adopt } from "../../../operate/adopt/adopt.ts";
import { adoptText } from "../../../operate/adopt/adoptText.ts";
import type { Check } from "../../../operate/doctor/check.ts";
import { backendsCheck } from "../../../operate/doctor/checks/backends.ts";
import { ccmCheck } from "../../../operate/doctor/checks/ccm.ts";
import { cloudflareTokenCheck } from "../../../operate/doctor/checks/cloudflareToken.ts";
import { clusterCheck } from "../../../operate/doctor/checks/cluster.ts";
import { clusterIsolationCheck } from "../../../operate/doctor/checks/clusterIsolation.ts";
import { namesCheck } from "../../../operate/doctor/checks/names.ts";
import { quotasCheck } from "../../../operate/doctor/checks/quotas.ts";
import { rightsCheck } from "../../../operate/doctor/checks/rights.ts";
import { scalewayKeyCheck } from "../../../operate/doctor/checks/scalewayKey.ts";
import { sharedVpcCheck } from "../../../operate/doctor/checks/sharedVpc.ts";
import { Context } from "../../../operate/doctor/context.ts";
import { examine } from "../../../operate/doctor/doctor.ts";
import { leftoversText } from "../../../operate/leftoversCommand.ts";
import { marked } from "../../../operate/marked.ts";
import * as preflight from "../../../preflight/provider.ts";
import { CLUELESS, fuzz } from "../../fuzzing.ts";
import { DOMAIN, type Estate, startEstate } from "./estate.ts";
import { type Spoil, spoils } from "./spoil.ts";

let estate: Estate;
let folder: string;
beforeAll(async () => {
  estate = await startEstate();
  folder = mkdtempSync(path.join(tmpdir(), "private-lb-spoilt-"));
  for (const [name, value] of Object.entries(estate.env)) vi.stubEnv(name, value);
  const settings = Object.entries(SETTINGS).map(
    ([key, value]) => `  private-lb:${key}: ${JSON.stringify(value)}\n`,
  );
  writeFileSync(path.join(folder, "Pulumi.prod.yaml"), `config:\n${settings.join("")}`);
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
  await estate.close();
});

const SETTINGS = {
  ...{ environment: "prod", network: "prod", kubeContext: "test", acmeEmail: "a@example.com" },
  ...{ acmeDirectory: "letsencrypt", dnsZones: [{ name: "example.com" }], endpoints: [] },
};
const place = { kubeContext: "test", namespace: "ops-tools", serviceName: "test" };

/** What asks the clouds; what it says, if it says more than its result. */
const SUBJECTS: Record<string, () => Promise<unknown>> = {
  "the barrier, which looks at a frontend": async () => {
    const [certificateId] = estate.certificateIds;
    const { serviceUid, loadBalancerId, address } = estate;
    const { props } = await barrier.read("id", {
      ...{ zone: "fr-par-1", loadBalancerId, serviceUid, port: 443, certificateId, serial: "0a" },
      ...{ names: [DOMAIN], address, network: "prod", timeout: 1, status: "served" },
      ...{ frontendId: "", handshake: "" },
    });
    return props.status;
  },
  "the search for unused certificates": async () => {
    const [served] = estate.certificateIds;
    const target = { zone: "fr-par-1", loadBalancerId: estate.loadBalancerId, domain: DOMAIN };
    const said: string[] = [];
    const warn = (message: string) => void said.push(message);
    // Seen for the first time: nothing may be deleted.
    await removeLeftovers(scalewayClient(), { ...target, keep: [served], seenBefore: [] }, warn);
    return said.join("\n");
  },
  "the preflight": async () =>
    void (await preflight.create({ ...estate.endpoint, owner: "other" })),
  "a request to reconcile": () => requestReconcile(place),
  "the search for leftovers": async () => {
    const found = await marked(estate.endpoint, estate.env);
    return leftoversText("prod", { leftovers: found, pending: [] });
  },
  "the inventory": async () => {
    const inventory = inventoryFor(estate.env);
    const [network] = estate.endpoint.addresses ?? [];
    await Promise.all([
      inventory.networks("fr-par"),
      inventory.zones(),
      inventory.loadBalancers("fr-par-1", "stack=private-lb.prod"),
    ]);
    return network?.network;
  },
  adoption: async () => {
    const projectDir = folder;
    const adoption = await adopt({ projectDir, stack: "prod", env: estate.env });
    return plain(adoptText(adoption, projectDir, { preview: "", up: "", adopt: "" }));
  },
  ...Object.fromEntries(
    [
      ...[scalewayKeyCheck, quotasCheck, cloudflareTokenCheck, sharedVpcCheck, clusterCheck],
      ...[clusterIsolationCheck, rightsCheck, ccmCheck, backendsCheck, namesCheck],
    ].map((check) => [`the doctor's check «${check.title}»`, () => examined(check)]),
  ),
};

async function examined(check: Check): Promise<string> {
  const endpoints = [{ domain: DOMAIN, namespace: "ops-tools", selector: { app: "test" } }];
  const values = Object.entries({ ...SETTINGS, endpoints }).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const config = readStackConfig(Object.fromEntries(values));
  const id = `fr-par-1/${estate.loadBalancerId}`;
  const made = {
    ...{ domain: DOMAIN, port: 443, networks: [], records: [] },
    loadBalancer: { id, name: "lb", type: "LB-S", zone: "fr-par-1" },
    service: {
      namespace: "ops-tools",
      name: "test",
      uid: estate.serviceUid,
      ports: [443],
      sourceRanges: [],
    },
  };
  const deployed = {
    environment: "prod",
    account: undefined,
    endpoints: check === namesCheck ? [] : [made],
  };
  const context = new Context({
    stack: "prod",
    config,
    deployed,
    env: estate.env,
    now: new Date(),
  });
  const [report] = await examine([check], context);
  return (report?.findings ?? []).map(({ seen, advice }) => `${seen}\n${advice ?? ""}`).join("\n");
}

interface Played {
  said: string;
  /** What was asked of the clouds, in the order of their answers. */
  asked: string[];
}

/** The subject with the answer to its request of that number spoilt, counted by how many it has. */
async function play(subject: () => Promise<unknown>, number = -1, spoil?: Spoil): Promise<Played> {
  const asked: string[] = [];
  const stop = estate.intercept(({ method, path: at, answer }) => {
    asked.push(`${method} ${at}`);
    return answer && spoil && asked.length - 1 === number ? spoil(answer) : undefined;
  });
  try {
    return { said: String((await subject()) ?? ""), asked };
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return { said: reason(error), asked };
  } finally {
    stop();
  }
}

const readsOnly = (asked: string[]) =>
  asked.filter((each) => !/^GET |^PATCH .*private-lb-barrier|dryRun=All|accessreviews/.test(each));

describe.each(Object.entries(SUBJECTS))("%s", (_, subject) => {
  let requests: number;
  it("does well where every answer is sound, and changes nothing", async () => {
    const { asked, said } = await play(subject);
    requests = asked.length;
    expect(requests).toBeGreaterThan(0);
    expect(said).not.toMatch(/documented|control characters/);
    expect(readsOnly(asked)).toEqual([]);
  });

  fuzz(
    "ends in a clear and short text whatever one of its answers is, and changes nothing",
    fc.tuple(fc.nat(), spoils),
    async ([number, spoil]) => {
      const { said, asked } = await play(subject, number % requests, spoil.apply);
      expect(said).not.toMatch(CLUELESS);
      expect(said).not.toMatch(/[^\P{Cc}\n\t]/u);
      expect(said.length).toBeLessThan(10_000);
      expect(readsOnly(asked)).toEqual([]);
    },
    { runs: 20 },
  );
});
