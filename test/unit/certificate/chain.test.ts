import "reflect-metadata"; // needed by @peculiar/x509, and before it
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  type Extension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { beforeAll, describe, expect, it } from "vitest";
import { verifyChain } from "../../../certificate/chain.ts";
import { normaliseSerial } from "../../../certificate/serial.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;
const now = new Date("2026-11-21T10:00:00Z");
const names = ["a.example.com", "*.a.example.com"];

type Keys = webcrypto.CryptoKeyPair;
const newKeys = () =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as Promise<Keys>;

interface Made {
  certificate: X509Certificate;
  keys: Keys;
  pem: string;
}

async function make(
  name: string,
  issuer: Made | undefined,
  options: { ca?: boolean; names?: string[]; from?: Date; to?: Date; issuerName?: string } = {},
): Promise<Made> {
  const keys = await newKeys();
  const extensions: Extension[] = [];
  if (options.ca) extensions.push(new BasicConstraintsExtension(true, undefined, true));
  if (options.names)
    extensions.push(
      new SubjectAlternativeNameExtension(options.names.map((value) => ({ type: "dns", value }))),
    );
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: options.issuerName ?? issuer?.certificate.subject ?? `CN=${name}`,
    notBefore: options.from ?? new Date(now.getTime() - DAY),
    notAfter: options.to ?? new Date(now.getTime() + 89 * DAY),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: ALGORITHM,
    serialNumber: "00a1b2c3",
    extensions,
  });
  return { certificate, keys, pem: `${certificate.toString("pem")}\n` };
}

async function keyOf({ keys }: Made): Promise<string> {
  const der = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  const body = Buffer.from(der).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
}

let root: Made;
let intermediate: Made;
let leaf: Made;
let key: string;

beforeAll(async () => {
  root = await make("root", undefined, { ca: true });
  intermediate = await make("intermediate", root, { ca: true });
  leaf = await make("leaf", intermediate, { names });
  key = await keyOf(leaf);
});

const verify = (pem: string, privateKeyPem = key) =>
  verifyChain(pem, { privateKeyPem, names, now });

describe("a chain is accepted", () => {
  it("and read", () => {
    expect(verify(leaf.pem + intermediate.pem)).toEqual({
      certificatePem: leaf.pem,
      chainPem: leaf.pem + intermediate.pem,
      serial: "a1b2c3",
      issuer: "CN=intermediate",
      notBefore: new Date("2026-11-20T10:00:00Z"),
      notAfter: new Date("2027-02-18T10:00:00Z"),
    });
  });

  it("with its root, and with text between and CRLF line ends, which are left out", () => {
    const pem = `subject=leaf\n${leaf.pem}\n\nissuer\n${intermediate.pem}${root.pem}`;
    expect(verify(pem.replaceAll("\n", "\r\n")).chainPem).toBe(
      leaf.pem + intermediate.pem + root.pem,
    );
  });

  it("when it holds more names than were asked for", async () => {
    const wide = await make("leaf", intermediate, { names: [...names, "b.example.com"] });
    verify(wide.pem + intermediate.pem, await keyOf(wide));
  });
});

describe("a chain is refused", () => {
  it.each<[string, () => string, string]>([
    ["that is empty", () => "", "there is no certificate in it"],
    ["without the issuer", () => leaf.pem, "its issuer's certificate is missing"],
    ["in a wrong order", () => intermediate.pem + leaf.pem, "it is a certificate authority's own"],
    [
      "with a gap",
      () => leaf.pem + root.pem,
      "certificate 1 of the chain is not issued by the next",
    ],
    ["with a private key in it", () => leaf.pem + key, "it holds a PRIVATE KEY block"],
    [
      "that cannot be read",
      () => "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "certificate 1 in it cannot be read",
    ],
  ])("%s", (_, pem, message) => {
    expect(() => verify(pem())).toThrow(message);
  });

  it("whose key is not ours", async () => {
    expect(() => verify(leaf.pem + intermediate.pem, "x")).toThrow();
    const other = await keyOf(root);
    expect(() => verify(leaf.pem + intermediate.pem, other)).toThrow(
      "its key is not the one that was requested",
    );
  });

  it("that lacks a name, a wildcard standing for itself only", async () => {
    const narrow = await make("leaf", intermediate, { names: ["*.a.example.com"] });
    const pem = narrow.pem + intermediate.pem;
    const narrowKey = await keyOf(narrow);
    expect(() => verify(pem, narrowKey)).toThrow("it lacks a.example.com (it has *.a.example.com)");
  });

  it("whose names only look like ours", async () => {
    const tricky = await make("leaf", intermediate, { names: ["x, DNS:a.example.com"] });
    const trickyKey = await keyOf(tricky);
    expect(() => verify(tricky.pem + intermediate.pem, trickyKey)).toThrow(
      "it lacks a.example.com",
    );
  });

  it("that is self-signed", async () => {
    const own = await make("own", undefined, { names });
    const ownKey = await keyOf(own);
    expect(() => verify(own.pem + own.pem, ownKey)).toThrow("it is self-signed");
  });

  it("whose signature is another's, though the names match", async () => {
    const impostor = await make("intermediate", root, { ca: true });
    const forged = await make("leaf", impostor, { names });
    const forgedKey = await keyOf(forged);
    expect(() => verify(forged.pem + intermediate.pem, forgedKey)).toThrow(
      /certificate 1 of the chain (has a wrong signature|is not issued by the next one)/,
    );
  });

  it("issued by one that is no authority", async () => {
    const middle = await make("middle", root);
    const end = await make("leaf", middle, { names });
    const endKey = await keyOf(end);
    expect(() => verify(end.pem + middle.pem, endKey)).toThrow(
      "certificate 1 of the chain is issued by one that is no certificate authority",
    );
  });

  it.each([
    ["not begun", 2 * DAY, 90 * DAY, "CN=leaf is not valid yet"],
    ["ended", -90 * DAY, -DAY, "CN=leaf has expired"],
    ["ended before it began", 9 * DAY, 8 * DAY, "CN=leaf ends before it begins"],
  ])("that has %s, with this machine's clock", async (_, from, to, message) => {
    const at = (offset: number) => new Date(now.getTime() + offset);
    const odd = await make("leaf", intermediate, { names, from: at(from), to: at(to) });
    const oddKey = await keyOf(odd);
    expect(() => verify(odd.pem + intermediate.pem, oddKey)).toThrow(message);
  });

  it("with every fault at once", async () => {
    const bad = await make("bad", undefined, { ca: true, names: ["z.example.com"] });
    expect(() => verify(bad.pem)).toThrow(
      /its key is not.*; it lacks .*; it is a certificate.*; it is self-signed; its issuer's/,
    );
  });
});

it.each([
  ["00A1:B2", "a1b2"],
  ["0a", "a"],
  ["0", "0"],
  ["00", "0"],
  ["FF00", "ff00"],
])("serial %s is %s", (given, expected) => {
  expect(normaliseSerial(given)).toBe(expected);
});
