/** An authority that names a revocation list in its certificates, and serves it: Pebble does neither. */
import "reflect-metadata"; // needed by @peculiar/x509, and before it
import { randomBytes, type webcrypto } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;

export interface Listed {
  leaf: x509.X509Certificate;
  url: string;
  chainPem: string;
  privateKeyPem: string;
}

export interface ListOptions {
  revoked?: x509.X509CrlEntryParams[];
  nextUpdate?: Date;
  /** Of whom it is. @default the authority */
  issuer?: string;
  /** Who signs it. @default the authority */
  signingKey?: webcrypto.CryptoKey;
  /** The address that it says it belongs to. @default it says none */
  scope?: string;
}

export interface Lister {
  /** A certificate for `name`, with a list of its own that is empty until it is set. */
  issue(name: string): Promise<Listed>;
  list(options?: ListOptions): Promise<Uint8Array>;
  /** Sets what is served there. */
  serve(url: string, body: Uint8Array | number): void;
  /** How often the list was fetched. */
  fetched(url: string): number;
  close(): void;
}

export const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

export async function startLister(): Promise<Lister> {
  const keys = await newKeys();
  const validity = {
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 89 * DAY),
  };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: "CN=Lister",
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const list = async (options: ListOptions = {}) => {
    const { revoked = [], nextUpdate = new Date(Date.now() + DAY), issuer, scope } = options;
    const made = await x509.X509CrlGenerator.create({
      issuer: issuer ?? authority.subject,
      nextUpdate,
      entries: revoked,
      signingAlgorithm: ALGORITHM,
      signingKey: options.signingKey ?? keys.privateKey,
      extensions: scope === undefined ? [] : [issuingDistributionPoint(scope)],
    });
    return new Uint8Array(made.rawData);
  };
  const empty = await list();
  const bodies = new Map<string, Uint8Array | number>();
  const counts = new Map<string, number>();
  const server = createServer(({ url = "" }, response) => {
    counts.set(url, (counts.get(url) ?? 0) + 1);
    const body = bodies.get(url) ?? empty;
    if (typeof body === "number") response.writeHead(body).end();
    else response.end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pathOf = (url: string) => new URL(url).pathname;
  return {
    list,
    async issue(name) {
      const own = await newKeys();
      const url = `${base}/${randomBytes(6).toString("hex")}.crl`;
      const leaf = await x509.X509CertificateGenerator.create({
        ...validity,
        subject: `CN=${name}`,
        issuer: authority.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }]),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
          new x509.CRLDistributionPointsExtension([url]),
        ],
      });
      const pkcs8 = await crypto.subtle.exportKey("pkcs8", own.privateKey);
      return {
        leaf,
        url,
        chainPem: `${leaf.toString("pem")}\n${authority.toString("pem")}\n`,
        privateKeyPem: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
      };
    },
    serve: (url, body) => void bodies.set(pathOf(url), body),
    fetched: (url) => counts.get(pathOf(url)) ?? 0,
    close: () => void server.close().closeAllConnections(),
  };
}

/** RFC 5280, section 5.2.5: SEQUENCE { [0] { [0] { URI } } }, critical. */
function issuingDistributionPoint(url: string): x509.Extension {
  const wrap = (tag: number, content: Buffer) =>
    Buffer.concat([Buffer.from([tag, content.length]), content]);
  const name = wrap(0x86, Buffer.from(url, "latin1"));
  const value = wrap(0x30, wrap(0xa0, wrap(0xa0, name)));
  return new x509.Extension("2.5.29.28", true, new Uint8Array(value));
}
