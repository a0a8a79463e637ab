/** What is no certificate for these names and this key never passes for one. */
import { createHash, X509Certificate } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { verifyChain } from "../../../certificate/chain.ts";
import { pemBlocks } from "../../../certificate/pem.ts";
import { ownCertificateRule, plainPem } from "../../../config/certificate.ts";
import { fuzz } from "../../fuzzing.ts";
import { createAuthority, type Issued } from "../scaleway/pki.ts";

const names = ["a.example.com", "*.a.example.com"];
let issued: Issued;
let other: Issued;
beforeAll(async () => {
  const authority = await createAuthority();
  issued = await authority.issue(names);
  other = await (await createAuthority()).issue(names);
});

const now = new Date();
const verify = (pem: string) =>
  verifyChain(pem, { privateKeyPem: issued.privateKeyPem, names, now });
const own = (chain: string, privateKey = issued.privateKeyPem) =>
  ownCertificateRule({ chain, privateKey }, names, now);
const digest = (pem: string) =>
  createHash("sha256").update(new X509Certificate(pem).raw).digest("hex");

/** The chain's DER, one byte changed, wrapped again. */
function withByte(pem: string, at: number, mask: number): string {
  return pemBlocks(pem)
    .map(({ pem: block }, index) => {
      const der = Buffer.from(block.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
      const place = at % der.length;
      if (index === 0) der[place] = (der[place] ?? 0) ^ mask;
      return `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
    })
    .join("");
}

describe("a chain", () => {
  fuzz(
    "with one byte changed in its leaf is never taken",
    fc.tuple(fc.nat(2000), fc.integer({ min: 1, max: 255 })),
    ([at, mask]) => {
      const chain = withByte(issued.chainPem, at, mask);
      expect(() => verify(chain)).toThrow(/^(certificate|it|CN=|serial)/);
      expect(own(chain)).toMatch(/^must /);
    },
    { runs: 300 },
  );

  const parts = fc.constantFrom("leaf", "root", "key", "foreign", "foreign root", "text", "torn");
  fuzz(
    "put together from any parts is taken only as the leaf and its issuer",
    fc.array(parts, { maxLength: 5 }),
    (order) => {
      const [leaf = "", root = ""] = pemBlocks(issued.chainPem).map(({ pem }) => pem);
      const [foreign = "", foreignRoot = ""] = pemBlocks(other.chainPem).map(({ pem }) => pem);
      const texts: Record<string, string> = {
        ...{ leaf, root, foreign, text: "subject=CN = x\n\n", torn: leaf.slice(0, -20) },
        ...{ key: issued.privateKeyPem, "foreign root": foreignRoot },
      };
      const blocks = order.filter((part) => part !== "text").join();
      const chain = order.map((part) => texts[part]).join("");
      const isRight = /^leaf(,root)+$/.test(blocks);
      if (isRight) expect(digest(verify(chain).certificatePem)).toBe(digest(leaf));
      else expect(() => verify(chain)).toThrow();
      expect(own(chain) === undefined).toBe(isRight || blocks === "leaf");
    },
  );

  const damage = fc.record({
    eol: fc.constantFrom("\n", "\r\n", "\r"),
    indent: fc.constantFrom("", "  ", "\t"),
    before: fc.constantFrom("", "\ufeff", "Bag Attributes\n    localKeyID: 01\n"),
    end: fc.constantFrom("", "\n\n"),
  });
  fuzz("is read with any line ends, indentation and text around it", damage, (given) => {
    const { eol, indent, before, end } = given;
    const styled = (pem: string) =>
      (before + pem.trimEnd().replaceAll(/^/gm, indent) + end).replaceAll("\n", eol);
    expect(verify(styled(issued.chainPem)).chainPem).toBe(issued.chainPem);
    const files = { chain: styled(issued.chainPem), privateKey: styled(issued.privateKeyPem) };
    expect(own(files.chain, files.privateKey)).toBeUndefined();
    expect(plainPem(files)).toEqual({ chain: issued.chainPem, privateKey: issued.privateKeyPem });
  });

  fuzz("cut off anywhere is refused, or is whole blocks", fc.nat(3000), (length) => {
    const pem = issued.chainPem.slice(0, length % issued.chainPem.trimEnd().length);
    expect(() => verify(pem)).toThrow(/does not end|is missing|no certificate|beside the line/);
  });

  it.each([
    ["that only begins", "-----BEGIN CERTIFICATE-----\n"],
    ["with labels without end", "-----BEGIN AAAA"],
    ["of one line", "x"],
    ["that is nothing but line ends", "\r"],
  ])("of a megabyte %s is refused at once", (_, piece) => {
    // The processor's time: what else the machine is busy with does not count.
    const before = process.cpuUsage();
    expect(() => verify(piece.repeat(2 ** 20 / piece.length))).toThrow();
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});

describe("a certificate of one's own is refused by name", () => {
  const [leaf, root] = [0, 1].map((at) => () => pemBlocks(issued.chainPem)[at]?.pem ?? "");
  it.each<[string, () => string, () => string, string]>([
    [
      "in a wrong order",
      () => `${root?.()}${leaf?.()}`,
      () => issued.privateKeyPem,
      "must begin with the certificate of privateKey in chain, then its issuers: it is number 2",
    ],
    [
      "with another's issuer",
      () => `${leaf?.()}${pemBlocks(other.chainPem)[1]?.pem}`,
      () => issued.privateKeyPem,
      "must hold the certificate first, then each one's issuer: certificate 1 of the chain ",
    ],
    [
      "with its key beside it",
      () => issued.chainPem + issued.privateKeyPem,
      () => issued.privateKeyPem,
      "must hold PEM certificates and nothing else in chain: it holds a PRIVATE KEY block",
    ],
    [
      "with a certificate beside the key",
      () => issued.chainPem,
      () => issued.privateKeyPem + issued.chainPem,
      "must hold one private key and nothing else in privateKey; it has the blocks PRIVATE KEY, ",
    ],
    [
      "with a torn key",
      () => issued.chainPem,
      () => issued.privateKeyPem.trimEnd().slice(0, -3),
      "must hold a PEM private key in privateKey: line 5 has other text beside the line that",
    ],
  ])("%s", (_, chain, privateKey, rule) => {
    expect(own(chain(), privateKey())).toContain(rule);
  });

  it("that is not valid yet", () => {
    const { chainPem: chain, privateKeyPem: privateKey } = issued;
    const before = new Date(now.getTime() - 3 * 86_400_000);
    const rule = ownCertificateRule({ chain, privateKey }, names, before);
    expect(rule).toContain("is not valid yet");
  });
});
