import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { type CertificateInputs, check } from "../../../certificate/provider.ts";
import { UNKNOWN } from "../../../dynamic/unknown.ts";

const root = resolve(import.meta.dirname, "../../..");
const inputs: CertificateInputs = {
  directory: "https://acme.test/dir",
  accountUrl: "https://acme.test/account/1",
  accountKeyPem: "key",
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
    ["the account", { accountUrl: UNKNOWN, accountKeyPem: UNKNOWN }],
    ["the key type", { keyType: UNKNOWN }],
  ])("pass while %s cannot be known yet, as they are", async (_, change) => {
    const given = { ...inputs, ...change } as CertificateInputs;
    expect(await check(olds, given)).toEqual({ inputs: given, failures: [] });
  });
});

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
