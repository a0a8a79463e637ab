import { describe, expect, test } from "vitest";
import { DIRECTORIES } from "../../../certificate/acme/limits.ts";
import {
  type CertificateInputs,
  type CertificateOutputs,
  check,
  diff,
  update,
} from "../../../certificate/provider.ts";
import { claim } from "../../../certificate/quota.ts";
import { RENEW_ONLY, Turns } from "../../../certificate/turns.ts";

describe("turns", () => {
  test("are anyone's without a bound", () => {
    const turns = new Turns({});
    expect(["a", "b", "c"].map((id) => turns.take(id))).toEqual([true, true, true]);
  });

  test("go to who comes first, who keeps them", () => {
    const turns = new Turns({});
    turns.bound = 2;
    expect(["a", "b", "c", "a", "c"].map((id) => turns.take(id))).toEqual([
      ...[true, true, false, true, false],
    ]);
  });

  test("go to those that a scheduled run has chosen, whoever comes first", () => {
    const turns = new Turns({ [RENEW_ONLY]: JSON.stringify(["c"]) });
    turns.bound = 2;
    expect(["a", "b", "c"].map((id) => turns.take(id))).toEqual([false, false, true]);
  });
});

describe("a certificate that is due and has no turn", () => {
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString();
  const inputs = (name: string): CertificateInputs => ({
    directory: "https://acme.test/dir",
    accountUrl: "https://acme.test/account/1",
    ...{ names: [name], zones: [], keyType: "ec256", owner: "o" },
    ...{ propagationTimeout: 180, status: "valid" },
  });
  const held = (name: string, more: Partial<CertificateOutputs> = {}): CertificateOutputs => ({
    ...inputs(name),
    ...{ chainPem: "chain", privateKeyPem: "key", serial: "0a" },
    ...{ issuer: "CN=Test", notBefore: day(-80), notAfter: day(10), renewAt: day(-20) },
    ...more,
  });
  const bounded = async (name: string, renewals: number) =>
    (await check(held(name), { ...inputs(name), bounds: { renewals } })).inputs;
  const retry = { attempts: 1, notBefore: day(1), message: "refused", request: "" };

  test("stays as it is, and nothing of the bound comes into the state", async () => {
    const news = (await bounded("none.example.com", 0)) as CertificateInputs;
    expect(news).toEqual(inputs("none.example.com"));
    const olds = held("none.example.com", { status: "renewal due (expires soon)" });
    expect(await diff("none.example.com", olds, news)).toEqual({ changes: false });
    expect(await update("none.example.com", olds, news)).toEqual({ outs: olds });
  });

  test("is one that comes after the others", async () => {
    await bounded("a.example.com", 1);
    const due = (name: string) => diff(name, held(name), inputs(name));
    expect(await due("a.example.com")).toEqual({ changes: true });
    expect(await due("b.example.com")).toEqual({ changes: false });
    expect(await due("a.example.com")).toEqual({ changes: true });
  });

  test("is none without a certificate, nor one whose refused issuance waits anyway", async () => {
    await bounded("none.example.com", 0);
    const missing = { ...inputs("m.example.com"), status: "missing" } as CertificateOutputs;
    expect(await diff("m.example.com", missing, inputs("m.example.com"))).toEqual({
      changes: true,
    });
    const news = inputs("w.example.com");
    const { accountUrl, directory, keyType, names } = news;
    const request = JSON.stringify([directory, accountUrl, names, keyType, undefined]);
    const waiting = held("w.example.com", { retry: { ...retry, request } });
    expect(await diff("w.example.com", waiting, news)).toEqual({ changes: true });
  });
});

describe("certificates that no renewal is exempt by", () => {
  const zones = ["example.co.uk", "dev.example.co.uk", "example.org"].map((name) => ({ name }));
  const ask = (name: string, directory: string, perWeek?: number) =>
    claim(name, { directory, names: [name], zones, perWeek });

  test("are refused beyond a week's under one registered domain, before any is issued", () => {
    const directory = "https://acme.test/week";
    for (const name of ["a.example.co.uk", "b.dev.example.co.uk", "a.example.co.uk", "example.org"])
      ask(name, directory, 2);
    expect(() => ask("d.example.co.uk", directory, 2)).toThrow(
      "d.example.co.uk: counting the certificates that this run asks for: more than 2 under example.co.uk that no renewal is exempt by, and the authority issues 2 a week. Set maxIssuancesPerRun to at most 2, and run `up` once a week.",
    );
  });

  test("are those of Let's Encrypt's 50 a week where it is the authority", () => {
    const { letsencrypt = "" } = DIRECTORIES;
    for (let i = 0; i < 50; i++) ask(`${i}.example.org`, letsencrypt);
    expect(() => ask("50.example.org", letsencrypt)).toThrow("Let's Encrypt issues 50 a week");
  });

  test("are not counted where nothing is known of the authority", () => {
    for (let i = 0; i < 60; i++) ask(`${i}.example.org`, "https://acme.test/any");
  });
});
