import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { accountKey } from "../../../certificate/accountKeys.ts";
import {
  type CertificateInputs,
  type CertificateOutputs,
  check,
  diff,
  read,
  update,
} from "../../../certificate/provider.ts";
import { isKnown, UNKNOWN } from "../../../dynamic/unknown.ts";

const root = resolve(import.meta.dirname, "../../..");
const inputs: CertificateInputs = {
  directory: "https://acme.test/dir",
  accountUrl: "https://acme.test/account/1",
  names: ["a.example.com"],
  zones: [],
  keyType: "ec256",
  owner: "private-lb/test",
  propagationTimeout: 180,
  status: "valid",
};
const olds = { names: ["a.example.com"] };

describe("the inputs of a certificate", () => {
  it("are normalised", async () => {
    const names = ["Test.Example.com", "*.example.com.", "test.example.com"];
    expect(await check(olds, { ...inputs, names })).toEqual({
      inputs: { ...inputs, names: ["test.example.com", "*.example.com"] },
      failures: [],
    });
  });

  it("hold no key of the account, which this process has from then on", async () => {
    const account = { accountUrl: "https://acme.test/account/2", accountKeyPem: "key 2" };
    const { inputs: kept } = await check(olds, { ...inputs, ...account });
    expect(kept).not.toHaveProperty("accountKeyPem");
    expect(accountKey(kept as CertificateInputs)).toBe("key 2");
    expect(() => accountKey({ accountUrl: "https://acme.test/account/3" })).toThrow("account/3");
  });

  it("are refused with every fault at once", async () => {
    const faulty = { ...inputs, names: ["localhost", "a.*.b.test"], keyType: "dsa" as never };
    const { failures } = await check(olds, faulty);
    expect(failures?.map(({ property }) => property)).toEqual(["names", "names", "keyType"]);
    expect(failures?.at(-1)?.reason).toBe(
      'must be one of ec256, ec384, rsa2048, rsa4096; got "dsa"',
    );
  });

  it.each<[string, Partial<Record<keyof CertificateInputs, unknown>>]>([
    ["names", { names: UNKNOWN }],
    ["one of the names", { names: ["a.example.com", UNKNOWN] }],
    ["the account", { accountUrl: UNKNOWN }],
    ["the key type", { keyType: UNKNOWN }],
  ])("pass while %s cannot be known yet, as they are", async (_, change) => {
    const given = { ...inputs, ...change } as CertificateInputs;
    const accountKeyPem = isKnown(given.accountUrl) ? "key" : UNKNOWN;
    expect(await check(olds, { ...given, accountKeyPem })).toEqual({ inputs: given, failures: [] });
  });
});

describe("settings that ask for no new certificate", () => {
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString();
  const held: CertificateOutputs = {
    ...inputs,
    ...{ names: ["a.example.com", "b.example.com", "c.example.com"], zones: [zone("1")] },
    ...{ chainPem: "chain", privateKeyPem: "key", serial: "0a" },
    ...{ issuer: "CN=Test", notBefore: day(-1), notAfter: day(89), renewAt: day(59) },
  };
  const { chainPem: _, ...wanted } = held;

  it("are no difference beside what older states have: the account's key, which goes at the next refresh", async () => {
    const older = { ...held, accountKeyPem: "key" };
    expect(await diff("a.example.com", older, { ...wanted })).toEqual({ changes: false });
    const { props, inputs: seen } = await read("a.example.com", { ...older, chainPem: "" });
    expect([props, seen]).toEqual(
      Array(2).fill(expect.not.objectContaining({ accountKeyPem: "key" })),
    );
  });

  it("make no difference as they are", async () => {
    expect(await diff("a.example.com", held, { ...wanted })).toEqual({ changes: false });
  });

  it.each<Partial<CertificateInputs>>([
    { propagationTimeout: 60 },
    { rehearsal: "https://rehearsal.test/dir" },
    { names: ["a.example.com", "c.example.com", "b.example.com"] },
    { zones: [zone("2")] },
    { owner: "private-lb/other" },
    { renewalInterval: 3600 },
    { renewBefore: "21d" },
    { keyRotation: "reuse" },
  ])("%j is brought into the state, with the certificate as it is", async (change) => {
    const news = { ...wanted, ...change };
    expect(await diff("a.example.com", held, news)).toEqual({ changes: true });
    const { outs } = await update("a.example.com", held, news);
    expect(outs).toMatchObject({
      ...change,
      serial: "0a",
      privateKeyPem: "key",
      chainPem: "chain",
    });
    expect(await diff("a.example.com", outs as CertificateOutputs, news)).toEqual({
      changes: false,
    });
  });
});

function zone(id: string) {
  return { name: "example.com", id };
}

it.each(["certificate/provider.ts", "certificate/accountProvider.ts", "frontend/provider.ts"])(
  "%s loads no client before one is needed",
  async (module) => {
    const script = `
      import { registerHooks } from "node:module";
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      const provider = await import(${JSON.stringify(`./${module}`)});
      await provider.diff("id", { names: [], certificateId: "", loadBalancerId: "", serial: "" },
        { names: [], certificateId: "", loadBalancerId: "", serial: "" });
      console.log(JSON.stringify(loaded.filter((url) => url.includes("node_modules"))));`;
    const args = ["--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    expect(JSON.parse(stdout)).toEqual([]);
  },
);
