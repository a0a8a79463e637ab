import { describe, expect, test } from "vitest";
import { Crypter, SecretFilter } from "../../../sandbox/engine/secrets.ts";
import { Secret } from "../../../sandbox/engine/value.ts";

// Written by `pulumi stack init` and `pulumi config set --secret` of Pulumi 3.259 with the passphrase "x".
const REAL_SALT = "v1:MTavQHeBp0k=:v1:kT+FSn6vULxS5qIL:G66oyITkissa7OJFM8YgRoEvIMcDaw==";
const REAL_SECRET = "v1:V5G8xS0ROCIA1nhS:OJhMxGmBPKBH8Rr+b7ooZuTQoX1QD3A=";

describe("the passphrase scheme", () => {
  test("decrypts what Pulumi has encrypted", async () => {
    const crypter = await Crypter.open("x", REAL_SALT);
    expect(crypter.decrypt(REAL_SECRET)).toBe("hunter2");
  });

  test("takes a stack's salt up again", async () => {
    const first = await Crypter.open("passphrase");
    const again = await Crypter.open("passphrase", first.salt);
    expect(again.decrypt(first.encrypt("a text – with ünicode"))).toBe("a text – with ünicode");
    expect(again.salt).toBe(first.salt);
  });

  test("refuses another passphrase, without naming it", async () => {
    await expect(Crypter.open("other", REAL_SALT)).rejects.toThrow(/^incorrect passphrase: \D*$/);
  });

  test.each(["v2:AAAA:v1:a:b", "v1:AAAA", "nothing"])("refuses the salt %s", async (salt) => {
    await expect(Crypter.open("x", salt)).rejects.toThrow("passphrase format");
  });

  test("notices a changed text", async () => {
    const crypter = await Crypter.open("x", REAL_SALT);
    const [version, nonce, sealed] = crypter.encrypt("text").split(":");
    const bytes = Buffer.from(String(sealed), "base64");
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    const changed = [version, nonce, bytes.toString("base64")].join(":");
    expect(() => crypter.decrypt(changed)).toThrow();
  });

  test("never writes the same text twice in the same way", async () => {
    const crypter = await Crypter.open("x", REAL_SALT);
    expect(crypter.encrypt("text")).not.toBe(crypter.encrypt("text"));
  });
});

describe("the filter of what is shown", () => {
  test("hides every secret that it has learnt, however deep", () => {
    const filter = new SecretFilter();
    filter.learn({ open: "visible", list: [new Secret({ key: "hunter2" })] });
    expect(filter.clean("visible hunter2, hunter2!")).toBe("visible [secret], [secret]!");
  });

  test("hides a secret of several lines, in plain and as JSON", () => {
    const filter = new SecretFilter();
    const pem = "-----BEGIN KEY-----\nabc\n-----END KEY-----\n";
    filter.add(pem);
    expect(filter.clean(`got ${pem}`)).toBe("got [secret]");
    expect(filter.clean(JSON.stringify({ pem }))).toBe('{"pem":"[secret]"}');
  });

  test("hides one that holds another as a whole, whichever was learnt first", () => {
    const filter = new SecretFilter();
    filter.add("hunter");
    filter.add("hunter2-and-more");
    expect(filter.clean("it is hunter2-and-more, or hunter")).toBe("it is [secret], or [secret]");
  });

  test("leaves alone what is too short or too common to be one, as Pulumi's", () => {
    const filter = new SecretFilter();
    filter.learn(new Secret(["a", "true", "False"]));
    expect(filter.clean("a banana is true, not False")).toBe("a banana is true, not False");
  });
});
