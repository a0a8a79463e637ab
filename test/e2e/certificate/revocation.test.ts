import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as certificate from "../../../certificate/provider.ts";
import * as revocation from "../../../certificate/revocationProvider.ts";
import { UNKNOWN } from "../../../dynamic/unknown.ts";
import { type Outputs, startWorld, type World } from "./authority.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ authorizationReuse: 100 });
});
afterAll(() => world.close());

/** What a trigger of a leak makes of a certificate, and what is to be revoked then. */
async function leak(name: string, more: Partial<certificate.CertificateInputs> = {}) {
  const olds = await world.issue([name], more);
  const news = world.inputs([name], { ...more, renewalTrigger: "leak-1" });
  const outs = (await certificate.update("id", olds, news)).outs as Outputs;
  const inputs = {
    domain: name,
    trigger: "leak-1",
    leaked: outs.leaked ?? [],
    leakedKeys: outs.leakedKeys ?? {},
  };
  return { olds, outs, inputs };
}

const made = async (inputs: revocation.RevocationInputs) =>
  (await revocation.create(inputs)).outs as revocation.RevocationOutputs;

describe("a leaked key", () => {
  it.each(["ec256", "ec384", "rsa2048"] as const)(
    "of type %s revokes its certificate by itself, and not the one after it",
    async (keyType) => {
      const { olds, outs, inputs } = await leak(`${keyType}.example.com`, { keyType });
      expect(await world.acme.isRevoked(olds.serial)).toBe(false);
      let seen: unknown;
      const stop = world.acme.intercept(({ path, body }) => {
        if (path.includes("revoke"))
          seen = JSON.parse(Buffer.from(JSON.parse(String(body)).payload, "base64url").toString());
        return undefined;
      });
      const { revoked } = await made(inputs).finally(stop);
      expect(seen).toMatchObject({ reason: 1 });
      expect(revoked).toEqual([olds.serial]);
      expect(await world.acme.isRevoked(olds.serial)).toBe(true);
      expect(await world.acme.isRevoked(outs.serial)).toBe(false);
    },
  );

  it("is replaced by a new one, also where keys are used again", async () => {
    const { olds, outs } = await leak("reuse.example.com", { keyRotation: "reuse" });
    expect(outs.privateKeyPem).not.toBe(olds.privateKeyPem);
  });

  it("is remembered through the renewals that follow, and its certificate revoked once", async () => {
    const { inputs, outs } = await leak("again.example.com");
    const first = await made(inputs);
    const aged = { ...outs, notBefore: "2020-01-01T00:00:00.000Z" };
    const news = world.inputs(["again.example.com"], { renewalTrigger: "leak-1" });
    const next = (await certificate.update("id", aged, news)).outs as Outputs;
    expect(next.leaked).toEqual(outs.leaked);
    const later = { ...inputs, leaked: next.leaked ?? [] };
    expect((await revocation.diff("id", first, later)).changes).toBe(false);
    expect(await world.callsOf(() => revocation.update("id", first, later))).toEqual([]);
  });

  it("ends the run when the authority refuses, and the next run revokes", async () => {
    const { olds, inputs } = await leak("refused.example.com");
    const stop = world.acme.intercept(({ path }) =>
      path.includes("revoke") ? { status: 403, body: "not today" } : undefined,
    );
    await expect(made(inputs).finally(stop)).rejects.toThrow(
      `refused.example.com: revoking the certificate ${olds.serial}, whose key has leaked: not today (403). It is served no more`,
    );
    expect(await world.acme.isRevoked(olds.serial)).toBe(false);
    await made(inputs);
    expect(await world.acme.isRevoked(olds.serial)).toBe(true);
    // One whose answer was lost.
    expect((await made(inputs)).revoked).toEqual([olds.serial]);
  });
});

describe("a revocation", () => {
  const olds = { domain: "a.example.com", trigger: "leak-1", leaked: [], revoked: [] };
  it("shows as a change in a preview only where another leak is told", async () => {
    const unknown = { ...olds, leaked: UNKNOWN as never };
    expect((await revocation.diff("id", olds, unknown)).changes).toBe(false);
    const told = { ...unknown, trigger: "leak-2" };
    expect((await revocation.diff("id", olds, told)).changes).toBe(true);
  });

  it("of what has ended by itself asks nobody", async () => {
    const { inputs } = await leak("ended.example.com");
    const leaked = inputs.leaked.map((each) => ({ ...each, notAfter: "2020-01-01T00:00:00Z" }));
    expect(await world.callsOf(() => made({ ...inputs, leaked }))).toEqual([]);
  });
});
