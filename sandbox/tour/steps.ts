/** The steps of the tour. Each shows one promise of the project, and checks it against the clouds themselves. */

import { authority } from "../../config/naming.ts";
import { startHandshakes, type Witness } from "../client/handshakes.ts";
import { get, Refused } from "../client/request.ts";
import type { DeployedEndpoint } from "../world/deployed.ts";
import type { EndpointSetting, StackSettings } from "../world/stackFile.ts";
import {
  attachedCertificates,
  endpoints,
  run,
  runWell,
  storedCertificates,
  type Tour,
  target,
  writesSince,
} from "./context.ts";

/** Handshakes to be seen before and after a swap, so that it happens between them. */
const MARGIN = 20;
/** How slow the CCM is made, ms. */
const SLOW = 10_000;
/** What the barrier may take where it has to fail, s. */
const IMPATIENCE = 5;

export async function bringUp(tour: Tour): Promise<void> {
  await runWell(tour, "up");
  for (const endpoint of await endpoints(tour)) await inspect(tour, endpoint);
}

async function inspect(tour: Tour, endpoint: DeployedEndpoint): Promise<void> {
  const { report, world, network } = tour;
  const { domain, port, serial, certificateId, serviceUid } = endpoint;
  const answer = await get(target(tour, domain, port));
  report.check(
    `https://${authority(domain, port)} answers, verified against the ACME root`,
    answer.status === 200,
    `HTTP ${answer.status}, valid until ${answer.notAfter.slice(0, 10)}`,
  );
  report.check("  the served serial is the one in the state", answer.serial === serial, serial);
  const resolved = await world.dns.resolve(domain, "A");
  const address = endpoint.addresses[network] ?? "";
  report.check("  DNS gives the reserved private address", same(resolved, [address]), address);
  const attached = attachedCertificates(tour, endpoint);
  report.check(
    "  the frontend of the CCM holds exactly this certificate",
    same(attached, [certificateId]),
    `${serviceUid.slice(0, 8)}…_tcp_${port}`,
  );
  for (const [where, proxy] of [
    ["another environment", world.proxy(otherNetwork(network))],
    ["outside", world.outsideProxy],
  ] as const) {
    const refusal = await refused(() => get({ ...target(tour, domain, port), proxy }));
    report.check(`  refused from ${where}`, refusal !== undefined, refusal);
  }
}

export async function upAgain(tour: Tour): Promise<void> {
  const before = tour.world.log.calls.length;
  const { summary } = await runWell(tour, "up");
  const changes = Object.keys(summary).filter((op) => op !== "same");
  tour.report.check("nothing changes", changes.length === 0, changes.join(", "));
  const writes = writesSince(tour.world, before);
  tour.report.check(
    "no API is asked to write anything",
    writes.length === 0,
    writes.map(({ method, path }) => `${method} ${path}`).join(", "),
  );
}

/** A changed name needs a new certificate, which takes the old one's place without a failed handshake. */
export async function swap(tour: Tour, alias: string): Promise<void> {
  await watchSwap(tour, alias, async () => {
    await runWell(tour, "up");
  });
}

export async function swapWithSlowCcm(tour: Tour, alias: string): Promise<void> {
  const ccm = tour.world.ccm(tour.network);
  ccm.setDelay(SLOW);
  try {
    await swap(tour, alias);
  } finally {
    ccm.setDelay(0);
  }
}

/** With the CCM down the barrier keeps the old certificate; the next run completes what this one began. */
export async function swapWithoutCcm(tour: Tour, alias: string): Promise<void> {
  const { report, world } = tour;
  const ccm = world.ccm(tour.network);
  const old = await first(tour);
  const timeout = (seconds?: number) => (settings: StackSettings) => {
    if (seconds === undefined) delete settings["private-lb:frontendTimeout"];
    else settings["private-lb:frontendTimeout"] = seconds;
  };
  await ccm.stop();
  try {
    tour.configure(timeout(IMPATIENCE));
    tour.configure(addAlias(old.domain, alias));
    const failed = await run(tour, "up");
    report.check("the run fails", !failed.ok, `after ${IMPATIENCE} s of waiting for the frontend`);
    report.check(
      "the old certificate is still attached and undeleted",
      same(attachedCertificates(tour, old), [old.certificateId]) &&
        storedCertificates(tour).includes(old.certificateId),
      old.certificateId,
    );
    const answer = await get(target(tour, old.domain, old.port));
    report.check("and still served", answer.serial === old.serial, answer.serial);
  } finally {
    tour.configure(timeout());
    await ccm.start();
  }
  await runWell(tour, "up");
  await checkSwapped(tour, old, alias);
}

async function watchSwap(tour: Tour, alias: string, renew: () => Promise<void>): Promise<void> {
  const old = await first(tour);
  const issued = certificatesIssued(tour);
  const witness = startHandshakes(target(tour, old.domain, old.port));
  let seen: Witness;
  try {
    await witness.more(MARGIN);
    tour.configure(addAlias(old.domain, alias));
    await renew();
    await witness.more(MARGIN);
  } finally {
    seen = await witness.stop();
  }
  const count = certificatesIssued(tour) - issued;
  tour.report.check("one new certificate was issued", count === 1, `${count}`);
  tour.report.check(
    "no handshake failed during the swap",
    seen.failures.length === 0 && seen.made > 2 * MARGIN,
    `${seen.made} made, ${seen.failures.length} failed ${seen.failures[0] ?? ""}`,
  );
  tour.report.check(
    "the served serial changed once",
    seen.serials.length === 2,
    seen.serials.map((serial) => serial.slice(-8)).join(" => "),
  );
  checkOrder(tour, old);
  await checkSwapped(tour, old, alias);
}

async function checkSwapped(tour: Tour, old: DeployedEndpoint, alias: string): Promise<void> {
  const now = await first(tour);
  const { names, serial } = await get(target(tour, alias, now.port));
  tour.report.check(
    "the new certificate is served, under the new name too",
    serial === now.serial && serial !== old.serial && names.includes(alias),
    names.join(", "),
  );
  const isGone = !storedCertificates(tour).includes(old.certificateId);
  tour.report.check("the old certificate is deleted", isGone, old.certificateId);
}

/** The old certificate is deleted only after the frontend was given the new one. */
function checkOrder({ world, report }: Tour, old: DeployedEndpoint): void {
  const { calls } = world.log;
  const swapped = calls.findLastIndex(
    ({ method, path, status }) =>
      method === "PUT" && path.includes("/frontends/") && status === 200,
  );
  const deleted = calls.findLastIndex(
    ({ method, path }) =>
      method === "DELETE" && path.endsWith(`/certificates/${old.certificateId}`),
  );
  report.check("the old one was deleted after the frontend had the new one", swapped < deleted);
}

function addAlias(domain: string, alias: string): (settings: StackSettings) => void {
  return (settings) => {
    const endpoint = settings["private-lb:endpoints"].find((each) => each.domain === domain);
    if (!endpoint) throw new Error(`the stack file has no endpoint ${domain}`);
    endpoint["aliases"] = [...aliasesOf(endpoint), alias];
  };
}

function aliasesOf(endpoint: EndpointSetting): string[] {
  return (endpoint["aliases"] as string[] | undefined) ?? [];
}

async function first(tour: Tour): Promise<DeployedEndpoint> {
  const [endpoint] = await endpoints(tour);
  if (!endpoint) throw new Error("the stack has no endpoint");
  return endpoint;
}

function certificatesIssued({ world }: Tour): number {
  return world.log.calls.filter(
    ({ api, path, status }) =>
      api === "acme" && path.includes("/finalize-order/") && status === 200,
  ).length;
}

function otherNetwork(network: string): string {
  return network === "production" ? "staging" : "production";
}

async function refused(request: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await request();
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.message.replace(/^.*: /, "");
    throw error;
  }
}

function same(a: string[], b: string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
