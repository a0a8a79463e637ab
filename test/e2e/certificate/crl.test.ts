import "reflect-metadata"; // needed by @peculiar/x509, and before it
import { X509Certificate } from "node:crypto";
import { X509CrlReason } from "@peculiar/x509";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import * as certificate from "../../../certificate/provider.ts";
import { normaliseSerial } from "../../../certificate/serial.ts";
import { type Outputs, startWorld, type World } from "./authority.ts";
import {
  type Listed,
  type Lister,
  type ListOptions,
  newKeys,
  startLister,
} from "./revocationList.ts";

const HOUR = 3_600_000;

let world: World;
let lister: Lister;
beforeAll(async () => {
  [world, lister] = await Promise.all([startWorld({ authorizationReuse: 100 }), startLister()]);
});
afterAll(async () => {
  lister.close();
  await world.close();
});
afterEach(() => vi.restoreAllMocks());

/** A state that holds a certificate of the authority with lists. */
async function held(name: string, more: Partial<certificate.CertificateInputs> = {}) {
  const listed = await lister.issue(name);
  const { leaf, chainPem, privateKeyPem } = listed;
  const olds: Outputs = {
    ...world.inputs([name], more),
    ...{ chainPem, privateKeyPem },
    serial: normaliseSerial(leaf.serialNumber),
    issuer: leaf.issuer,
    notBefore: leaf.notBefore.toISOString(),
    notAfter: leaf.notAfter.toISOString(),
    renewAt: leaf.notAfter.toISOString(),
  };
  return { ...listed, olds };
}

async function read(olds: Outputs) {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  const props = (await certificate.read("id", olds)).props as Outputs;
  // Pebble knows nothing of these certificates, and says so when asked when to renew.
  const lines = warned.mock.calls.map(([line]) => String(line));
  return { props, warnings: lines.filter((line) => !line.startsWith("renewal information")) };
}

const entryOf = ({ leaf }: Listed, reason?: X509CrlReason) => ({
  serialNumber: leaf.serialNumber,
  revocationDate: new Date("2026-11-20T12:00:00Z"),
  ...(reason !== undefined && { reason }),
});

describe("a refresh", () => {
  it("finds a certificate valid that its authority's list lacks, and fetches that anew after hours", async () => {
    const { olds, url } = await held("fine.example.com");
    const { props, warnings } = await read(olds);
    expect({ status: props.status, warnings }).toEqual({ status: "valid", warnings: [] });
    const wait = Date.parse(props.revocation?.nextFetch ?? "") - Date.now();
    expect(wait).toBeGreaterThan(5.9 * HOUR);
    await read(props);
    expect(lister.fetched(url)).toBe(1);
  });

  it.each([
    [
      X509CrlReason.keyCompromise,
      "revoked (keyCompromise, by its authority's list since 2026-11-20)",
    ],
    [undefined, "revoked (by its authority's list since 2026-11-20)"],
  ])("finds one revoked that is on the list (reason %s), for good", async (reason, status) => {
    const listed = await held("revoked.example.com");
    const others = [{ serialNumber: "0a" }, { serialNumber: "7f01" }];
    const revoked = [...others, entryOf(listed, reason)];
    // However old the list.
    const nextUpdate = new Date(Date.now() - HOUR);
    lister.serve(listed.url, await lister.list({ revoked, nextUpdate, scope: listed.url }));
    const { props, warnings } = await read(listed.olds);
    expect({ status: props.status, warnings }).toEqual({ status, warnings: [] });
    await read(props);
    expect(lister.fetched(listed.url)).toBe(1);
  });

  it.each<[string, (listed: Listed) => Promise<Uint8Array | number>, string]>([
    ["is not signed by the authority", async (listed) => forged(listed), "its signature is wrong"],
    ["is another authority's", async () => lister.list({ issuer: "CN=Other" }), "one of CN=Other"],
    [
      "belongs to another address",
      async ({ url }) => lister.list({ scope: `${url}2` }),
      "the list of another address",
    ],
    [
      "is out of date",
      async () => lister.list({ nextUpdate: new Date(Date.now() - HOUR) }),
      "it is out of date",
    ],
    ["is none", async () => Buffer.from("<html>"), ""],
    ["is too long", async () => new Uint8Array(33 * 1024 * 1024), "more than 33554432 bytes"],
    ["is not to be had", async () => 503, "the answer was 503"],
  ])("keeps what it knows, with a warning, when the list %s", async (_, body, warning) => {
    const listed = await held("kept.example.com");
    lister.serve(listed.url, await body(listed));
    const { props, warnings } = await read(listed.olds);
    expect(props.status).toBe("valid");
    expect(warnings).toEqual([expect.stringContaining(`revocation list ${listed.url}: `)]);
    expect(warnings[0]).toContain(warning);
    // And asks again soon.
    const wait = Date.parse(props.revocation?.nextFetch ?? "") - Date.now();
    expect(wait).toBeLessThanOrEqual(60_000);
  });

  it("asks nothing of an authority that has no list", async () => {
    const olds = await world.issue(["none.example.com"]);
    const { props, warnings } = await read(olds);
    expect(props).not.toHaveProperty("revocation");
    expect(warnings).toEqual([]);
  });
});

async function forged(listed: Listed): Promise<Uint8Array> {
  const { privateKey: signingKey } = await newKeys();
  const options: ListOptions = { revoked: [entryOf(listed)], signingKey };
  return lister.list(options);
}

describe("a revoked certificate", () => {
  it("is renewed at once, with a new key where keys are used again too", async () => {
    const more = { keyRotation: "reuse" } as const;
    const listed = await held("renewed.example.com", more);
    lister.serve(listed.url, await lister.list({ revoked: [entryOf(listed)] }));
    const { props } = await read(listed.olds);
    const news = world.inputs(["renewed.example.com"], more);
    expect((await certificate.diff("id", props, news)).changes).toBe(true);
    const outs = (await certificate.update("id", props, news)).outs as Outputs;
    expect(outs).not.toHaveProperty("revocation");
    expect(outs.privateKeyPem).not.toBe(listed.privateKeyPem);
    expect(new X509Certificate(outs.chainPem).issuer).toContain("Pebble");
    expect((await read(outs)).props.status).toBe("valid");
  });
});
