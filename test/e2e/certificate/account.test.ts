import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as account from "../../../certificate/accountProvider.ts";
import { newAccountKey, startWorld, type World } from "./authority.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const fresh = () => ({ ...world.accountInputs, accountKeyPem: newAccountKey() });

describe("an ACME account", () => {
  it("is registered, and found again by its key", async () => {
    const inputs = fresh();
    const first = await account.create(inputs);
    expect(first).toEqual({ id: first.id, outs: { ...inputs, accountUrl: first.id } });
    expect(first.id).toMatch(/^https:\/\/127\.0\.0\.1:\d+\//);
    const again = await account.create({ ...inputs, email: "other@example.com" });
    expect(again.id).toBe(first.id);
  });

  it("changes its contact in place", async () => {
    const inputs = fresh();
    const { id, outs } = await account.create(inputs);
    const news = { ...inputs, email: "new@example.com" };
    expect(await account.diff(id, outs, news)).toEqual({ changes: true, replaces: [] });
    expect((await account.update(id, outs, news)).outs).toEqual({ ...news, accountUrl: id });
    expect(await account.diff(id, { ...news, accountUrl: id }, news)).toEqual({
      changes: false,
      replaces: [],
    });
  });

  it("is another one with another key or directory", async () => {
    const inputs = fresh();
    const olds = { ...inputs, accountUrl: "https://acme.test/1" };
    const news = { ...inputs, accountKeyPem: "other", directory: "https://other.test/dir" };
    expect(await account.diff("id", olds, news)).toEqual({
      changes: true,
      replaces: ["directory", "accountKeyPem"],
    });
  });

  it("is no other one with another binding", async () => {
    const olds = { ...fresh(), accountUrl: "https://acme.test/1" };
    const news = { ...olds, externalAccountBinding: { keyId: "new", hmacKey: "new" } };
    expect((await account.diff("id", olds, news)).changes).toBe(false);
  });

  it("is deactivated at the end, twice being as good as once", async () => {
    const { id, outs } = await account.create(fresh());
    expect(await account.read(id, outs)).toEqual({ id, props: outs });
    await account.remove(id, outs);
    await account.remove(id, outs);
    expect(await account.read(id, outs)).toEqual({ id: "", props: {} });
  });

  it("reads as missing when the authority does not know it", async () => {
    const inputs = fresh();
    const { id } = await account.create(fresh());
    const unknown = id.replace(/[^/]+$/, "0000000000000000");
    expect(await account.read(unknown, { ...inputs, accountUrl: unknown })).toEqual({
      id: "",
      props: {},
    });
  });

  it("is kept when the authority is away, with a warning", async () => {
    const { id, outs } = await account.create(fresh());
    const stop = world.acme.intercept(() => ({ status: 503, headers: { "retry-after": "120" } }));
    const warnings: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => void warnings.push(text);
    try {
      expect(await account.read(id, outs)).toEqual({ id, props: outs });
    } finally {
      console.warn = warn;
      stop();
    }
    expect(warnings).toEqual([expect.stringContaining("kept as it is")]);
  });

  it("is refused in the authority's words, without the key", async () => {
    const inputs = { ...fresh(), email: "admin@example.com,second@example.com" };
    const error = await account.create(inputs).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(Error);
    const message = (error as Error).message;
    expect(message).toMatch(/^ACME account at https:.*: registering the account: .+\(\w+, 400\)/);
    expect(message).not.toContain(inputs.accountKeyPem.slice(30, 60));
  });
});

describe("the inputs of an account", () => {
  it.each([
    [{ directory: "acme.test" }, "directory"],
    [{ directory: "http://acme.test/dir" }, "directory"],
    [{ email: "nobody" }, "email"],
    [{ email: "a@example.com,b@example.com" }, "email"],
  ])("%j are refused by name", async (change, property) => {
    const { failures } = await account.check({}, { ...fresh(), ...change });
    expect(failures).toEqual([
      { property, reason: expect.stringContaining(Object.values(change)[0] ?? "") },
    ]);
  });

  it("are accepted without an email address, and while they are not known", async () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    for (const change of [{ email: "" }, { directory: unknown, email: unknown }])
      expect((await account.check({}, { ...fresh(), ...change })).failures).toEqual([]);
  });
});

describe("an authority that demands an external account binding", () => {
  const hmacKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
  let bound: World;
  beforeAll(async () => {
    bound = await startWorld({ externalAccounts: { "kid-1": hmacKey } });
  });
  afterAll(() => bound.close());

  it("registers with it, and certifies", async () => {
    const externalAccountBinding = { keyId: "kid-1", hmacKey };
    const inputs = { ...bound.accountInputs, externalAccountBinding };
    const { id } = await account.create(inputs);
    const { accountKeyPem } = inputs;
    const made = await bound.issue(["eab.example.com"], { accountUrl: id, accountKeyPem });
    expect(made.serial).toMatch(/^\w+$/);
  });

  it("refuses without it, and the way out is told", async () => {
    const inputs = { ...bound.accountInputs, accountKeyPem: newAccountKey() };
    await expect(account.create(inputs)).rejects.toThrow(
      /externalAccountRequired.*configure its key id and HMAC key/,
    );
  });
});
