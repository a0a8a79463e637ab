/** A certificate authority, DNS and Cloudflare for one test file, and what the providers need to use them. */
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect } from "vitest";
import { keepAccountKey } from "../../../certificate/accountKeys.ts";
import * as account from "../../../certificate/accountProvider.ts";
import * as certificate from "../../../certificate/provider.ts";
import { type AcmeOptions, type AcmeServer, startAcme } from "../../../sandbox/acme/server.ts";
import { type ApiCall, CallLog } from "../../../sandbox/clouds/api.ts";
import { type Cloudflare, startCloudflare } from "../../../sandbox/clouds/cloudflare/server.ts";
import { type Dns, startDns } from "../../../sandbox/dns/server.ts";

export type Inputs = certificate.CertificateInputs;
export type Outputs = certificate.CertificateOutputs;

export interface World {
  log: CallLog;
  acme: AcmeServer;
  dns: Dns;
  cloudflare: Cloudflare;
  accountInputs: account.AccountInputs;
  accountUrl: string;
  /** Of a certificate for `names`. */
  inputs(names: string[], more?: Partial<Inputs>): Inputs;
  issue(names: string[], more?: Partial<Inputs>): Promise<Outputs>;
  /**
   * Of a certificate that an order can replace. Pebble looks up a serial with the zero byte that DER puts before a first
   * bit of 1, and finds none: of its serials of 63 bits one in 256 has such a first bit, and is issued anew here.
   */
  issueReplaceable(names: string[], more?: Partial<Inputs>): Promise<Outputs>;
  /** The message of the failure with which it must end. */
  refusal(names: string[], more?: Partial<Inputs>): Promise<string>;
  /** The calls that `work` makes. */
  callsOf(work: () => Promise<unknown>): Promise<ApiCall[]>;
  /** The TXT records that are there. */
  txt(): string[];
  close(): Promise<void>;
}

/** The names of each zone's servers. */
export const NAME_SERVERS = ["ada.ns.cloudflare.test", "bob.ns.cloudflare.test"] as const;
const ZONES = ["example.com", "example.net", "example.org"];

export function newAccountKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** Sets this process's environment as `.sandbox/env` does; one for each test file. */
export async function startWorld(options: Partial<AcmeOptions> = {}): Promise<World> {
  const log = new CallLog();
  const cloudflare = await startCloudflare({ log, zones: ZONES });
  const dns = await startDns({ zones: cloudflare.zones });
  const acme = await startAcme({ log, dnsServer: await dns.aside(), ...options });
  // NODE_EXTRA_CA_CERTS is read when a process starts, and this one has.
  setDefaultCACertificates([...getCACertificates("default"), acme.caPem]);
  Object.assign(process.env, cloudflare.env(), dns.env());
  const accountInputs = {
    directory: acme.directoryUrl,
    email: "admin@example.com",
    accountKeyPem: newAccountKey(),
  };
  const issue = async (names: string[], more?: Partial<Inputs>) =>
    (await certificate.create(inputs(names, more))).outs as Outputs;
  const accountUrl = options.externalAccounts ? "" : (await account.create(accountInputs)).id;
  // As `check` does.
  keepAccountKey({ ...accountInputs, accountUrl });
  const inputs = (names: string[], more: Partial<Inputs> = {}): Inputs => ({
    directory: acme.directoryUrl,
    accountUrl,
    names,
    zones: ["example.com", "example.net"].map((name) => ({ name, id: cloudflare.zoneId(name) })),
    keyType: "ec256",
    profile: "classic",
    owner: "private-lb/test",
    propagationTimeout: 20,
    status: "valid",
    ...more,
  });
  return {
    ...{ log, acme, dns, cloudflare, accountInputs, accountUrl, inputs },
    issue,
    async issueReplaceable(names, more) {
      let outs = await issue(names, more);
      while (isPadded(outs.serial)) outs = await issue(names, more);
      return outs;
    },
    async refusal(names, more) {
      const error = await certificate.create(inputs(names, more)).then(
        () => expect.fail(`a certificate for ${names} was issued`),
        (thrown: Error) => thrown,
      );
      for (const secret of [accountInputs.accountKeyPem, process.env["CLOUDFLARE_API_TOKEN"]])
        if (secret) expect(`${error.message} ${error.stack}`).not.toContain(secret);
      return error.message;
    },
    async callsOf(work) {
      const from = log.calls.length;
      await work();
      return log.calls.slice(from);
    },
    txt: () =>
      cloudflare
        .inventory()
        .filter(({ type }) => type === "TXT")
        .map(({ name }) => name),
    close: async () => {
      await acme.close();
      await dns.close();
      await cloudflare.close();
    },
  };
}

/** Whether DER writes this serial, hexadecimal without leading zeros, with a zero byte before it. */
const isPadded = (serial: string) => serial.length % 2 === 0 && /^[89a-f]/.test(serial);

/** Verifies the chain up to the authority's root, as a client would. */
export async function expectTrusted({ chainPem }: Outputs, acme: AcmeServer): Promise<void> {
  const pems = chainPem.match(/-----BEGIN[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const chain = pems.map((pem) => new X509Certificate(pem));
  const root = new X509Certificate(await acme.roots());
  expect(root.subject).toBe(root.issuer);
  for (const [index, each] of chain.entries()) {
    const issuer = chain[index + 1] ?? root;
    expect(each.checkIssued(issuer) && each.verify(issuer.publicKey)).toBe(true);
  }
}
