import { beforeAll, describe, expect, test } from "vitest";
import { endpoint, faults, one } from "./configuration.ts";
import { type OwnCertificate, selfSigned } from "./selfSigned.ts";

describe("a certificate of one's own", () => {
  let own: OwnCertificate;
  let other: OwnCertificate;
  beforeAll(async () => {
    [own, other] = await Promise.all([
      selfSigned(["test.example.com"]),
      selfSigned(["test.example.com"]),
    ]);
  });

  test("is taken when its key and its names match", () => {
    expect(faults(one({ certificate: own }))).toEqual([]);
  });

  test.each<[string, () => object, string]>([
    [
      "no PEM",
      () => ({ chain: "x", privateKey: "y" }),
      "must hold PEM certificates and nothing else in chain: there is no certificate in it",
    ],
    [
      "no key",
      () => ({ chain: own.chain, privateKey: "y" }),
      "must hold an unencrypted PEM private key in privateKey",
    ],
    [
      "another's key",
      () => ({ chain: own.chain, privateKey: other.privateKey }),
      "must hold the private key that belongs to the chain's first certificate",
    ],
  ])("is refused with %s", (_, certificate, rule) => {
    expect(faults(one({ certificate: certificate() }))).toEqual([
      `endpoints[0].certificate ${rule}`,
    ]);
  });

  test("is refused when a name is missing in it", () => {
    expect(faults(one({ certificate: own, aliases: ["b.example.com"] }))).toEqual([
      "endpoints[0].certificate must hold a certificate for every name: b.example.com is missing",
    ]);
  });

  test("is refused when it has expired", async () => {
    const expired = await selfSigned(["test.example.com"], 0.5);
    expect(faults(one({ certificate: expired }))[0]).toContain("has expired (valid from ");
  });

  test("is refused in passthrough", () => {
    expect(faults(one({ certificate: own, tls: "passthrough" }))).toEqual([
      "endpoints[0].certificate must be absent where tls is passthrough",
    ]);
  });

  test.each<[string, () => [unknown, Record<string, unknown>]]>([
    ["in another's place", () => [one({ certificate: own.privateKey }), {}]],
    [
      "as a wrong type",
      () => [one({ certificate: { chain: own.chain, privateKey: [own.privateKey] } }), {}],
    ],
    ["beside an unknown key", () => [one({ certificate: { ...own, passphrase: "s3cret" } }), {}]],
    ["under an object that is no list", () => [{ certificate: own }, {}]],
    [
      "of the account binding",
      () => [[endpoint], { acmeExternalAccountBinding: { keyId: "k", hmacKey: ["s3cret"] } }],
    ],
  ])("a secret %s is not shown", (_, given) => {
    const [endpoints, more] = given();
    const text = faults(endpoints, more).join("\n");
    expect(text).not.toBe("");
    expect(text).not.toContain("s3cret");
    for (const line of own.privateKey.split("\n").filter((part) => part.length > 20))
      expect(text).not.toContain(line.slice(0, 20));
  });
});
