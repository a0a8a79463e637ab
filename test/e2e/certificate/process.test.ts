/** The providers as every engine runs them: by their shims, in the SDK's own unmodified provider process. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ProviderModule, shim } from "../../../dynamic/shim.ts";
import { DynamicProvider } from "../../../sandbox/engine/dynamicProvider.ts";
import { expectTrusted, newAccountKey, type Outputs, startWorld, type World } from "./authority.ts";

const BLOCKED = "blocked.example.com";
const script = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/dynamic-provider");

let world: World;
let folder: string;
let provider: DynamicProvider;
const lines: string[] = [];

beforeAll(async () => {
  world = await startWorld({ blockedDomains: [BLOCKED] });
  folder = await mkdtemp(join(tmpdir(), "provider-"));
  const ca = join(folder, "ca.pem");
  await writeFile(ca, world.acme.caPem);
  provider = new DynamicProvider({
    script,
    cwd: resolve(import.meta.dirname, "../../.."),
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca, SCW_ACCESS_KEY: undefined },
    engineAddress: "127.0.0.1:1",
    onLine: (line) => lines.push(line),
  });
  await provider.configure({});
});
afterAll(async () => {
  await provider.close();
  await rm(folder, { recursive: true });
  await world.close();
});

/** Of a dynamic resource's inputs, and so of the state. */
const textOf = (module: ProviderModule) => ({ __provider: shim(module) });

/** The inputs of a certificate as `check` leaves them, which every run asks before anything else. */
async function checked(resource: ReturnType<typeof about> & { name: string }, names: string[]) {
  const { accountKeyPem } = world.accountInputs;
  const inputs = { ...world.inputs(names), accountKeyPem, ...textOf("certificate/provider.ts") };
  const answer = await provider.check({ ...resource, inputs });
  expect(answer.failures).toEqual([]);
  expect(answer.inputs).not.toHaveProperty("accountKeyPem");
  return answer.inputs;
}

const about = (type: string) => ({
  urn: `urn:pulumi:test::private-lb::pulumi-nodejs:dynamic/${type}::it`,
  type: `pulumi-nodejs:dynamic/${type}`,
});

describe("in the provider process", () => {
  it("an account lives from registration to deactivation", async () => {
    const resource = about("acme:Account");
    const inputs = {
      ...world.accountInputs,
      accountKeyPem: newAccountKey(),
      ...textOf("certificate/accountProvider.ts"),
    };
    const { id, outputs } = await provider.create({ ...resource, inputs });
    expect(outputs).toEqual({ ...inputs, accountUrl: id });
    const old = { id, oldInputs: inputs, oldOutputs: outputs };
    expect(await provider.read({ ...resource, ...old })).toMatchObject({ id, outputs });
    await provider.delete({ ...resource, ...old });
    expect(await provider.read({ ...resource, ...old })).toBeUndefined();
  });

  it("a certificate is checked, issued, read as due, and renewed", async () => {
    const resource = { ...about("acme:Certificate"), name: "it" };
    const inputs = await checked(resource, ["Process.example.com"]);
    const { id, outputs } = await provider.create({ ...resource, inputs });
    expect(id).toBe("process.example.com");
    await expectTrusted(outputs as unknown as Outputs, world.acme);
    const old = { id, oldInputs: inputs, oldOutputs: outputs };
    expect((await provider.diff({ ...resource, ...old, inputs })).changes).toBe(false);

    const aged = {
      ...outputs,
      notBefore: "2020-01-01T00:00:00.000Z",
      notAfter: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const seen = await provider.read({ ...resource, ...old, oldOutputs: aged });
    expect(seen?.inputs).toEqual({
      ...inputs,
      status: expect.stringMatching(/^renewal due \(expires /),
    });
    const due = { ...old, oldInputs: seen?.inputs ?? {}, oldOutputs: seen?.outputs ?? {} };
    expect((await provider.diff({ ...resource, ...due, inputs })).changes).toBe(true);
    const renewed = await provider.update({ ...resource, ...due, inputs });
    expect(renewed["serial"]).not.toBe(outputs["serial"]);
    expect(renewed["status"]).toBe("valid");
    expect(world.txt()).toEqual([]);
  });

  it("a refusal arrives whole, and nothing of it is saved", async () => {
    const resource = { ...about("acme:Certificate"), name: "blocked" };
    const inputs = await checked(resource, [BLOCKED]);
    await expect(provider.create({ ...resource, inputs })).rejects.toThrow(
      /^blocked\.example\.com: placing the order: .*rejectedIdentifier.*does not certify that name\.$/,
    );
  });

  it("a renewal that is refused is saved with when to try again, the shim beside it", async () => {
    const resource = { ...about("acme:Certificate"), name: "refused" };
    const inputs = await checked(resource, ["refused.example.com"]);
    const { id, outputs } = await provider.create({ ...resource, inputs });
    const news = await checked(resource, [BLOCKED]);
    const old = { id, oldInputs: inputs, oldOutputs: outputs };
    const failure = await provider.update({ ...resource, ...old, inputs: news }).then(
      () => expect.fail("it was issued"),
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ id, outputs: { ...outputs, retry: { attempts: 1 } } });
  });

  it("the barrier names what is missing in the environment", async () => {
    const inputs = {
      ...{ zone: "fr-par-1", loadBalancerId: "lb", serviceUid: "uid", port: 443, names: [] },
      ...{ certificateId: "c", serial: "1", address: "127.0.0.1", network: "none", timeout: 1 },
      ...textOf("frontend/provider.ts"),
    };
    await expect(provider.create({ ...about("lb:FrontendCertificate"), inputs })).rejects.toThrow(
      "environment variable SCW_ACCESS_KEY is not set",
    );
  });

  it("no key and no token is printed", () => {
    const printed = lines.join("\n");
    expect(printed).not.toContain(process.env["CLOUDFLARE_API_TOKEN"]);
    expect(printed).not.toContain("PRIVATE KEY");
  });
});
