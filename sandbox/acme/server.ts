/** Real ACME for the sandbox: Pebble behind a logging HTTPS front, on loopback. */
import type { CallLog } from "../clouds/api.ts";
import type { Intercept } from "../clouds/interceptors.ts";
import { createServerIdentity } from "./authority.ts";
import { ensurePebble } from "./ensurePebble.ts";
import { freshOrders } from "./freshOrders.ts";
import { type Front, startFront } from "./front.ts";
import { startPebble } from "./pebbleProcess.ts";
import { type PebbleAnswer, requestPebble } from "./pebbleRequest.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/**
 * Lifetimes in seconds, as Let's Encrypt's (https://letsencrypt.org/docs/profiles/). Pebble takes one of the
 * profiles at random for an order that names none.
 */
const LETS_ENCRYPT_PROFILES = {
  default: 90 * DAY,
  classic: 90 * DAY,
  tlsserver: 45 * DAY,
  shortlived: 160 * HOUR,
} as const;

export interface AcmeOptions {
  log: CallLog;
  /** HOST:PORT, asked over TCP when Pebble validates. */
  dnsServer: string;
  /** Seconds of validity by profile name, in place of Let's Encrypt's. */
  profiles?: Record<string, number>;
  /** Share of good nonces that are refused, in per cent. @default 5, as Pebble's own */
  nonceReject?: number;
  /** How often a valid authorization is reused, in per cent. @default 50, as Pebble's own */
  authorizationReuse?: number;
  /** Account key id to HMAC key (base64url): external account binding is then required (RFC 8555, 7.3.4). */
  externalAccounts?: Record<string, string>;
  /** Names that the CA refuses to certify. */
  blockedDomains?: string[];
  /** `Retry-After` in seconds of an authorization and an order that are not ready. @default 1 */
  retryAfter?: number;
  /** Further roots that sign the same intermediate, offered as alternate chains. @default 0 */
  alternateRoots?: number;
  /** Number of intermediates. @default 1 */
  chainLength?: number;
  /** Pebble's binary. @default the one of `ensurePebble` */
  binary?: string;
}

export interface AcmeServer {
  /** Passes through the front. */
  directoryUrl: string;
  /** Authority of the front's HTTPS certificate, PEM, for NODE_EXTRA_CA_CERTS. */
  caPem: string;
  /** Roots of the certificates that are issued, of every chain, PEM. */
  roots(): Promise<string>;
  intermediates(): Promise<string>;
  /**
   * Sets what a certificate's renewal information answers (RFC 9773).
   * @param certificatePem the leaf, with or without its chain
   * @param answer a window, or any text, which is answered as it is
   */
  setRenewalInfo(certificatePem: string, answer: RenewalWindow | string): Promise<void>;
  /** Whether the authority has revoked it. @param serial hexadecimal, of a certificate that it has issued */
  isRevoked(serial: string): Promise<boolean>;
  /** Lets a test answer in Pebble's place; bodies arrive as a Buffer. */
  intercept: Intercept;
  /** Pebble's management interface, past the front and its log; trust `managementCaPem`. */
  managementUrl: string;
  managementCaPem: string;
  /** Pebble's process id. */
  pid: number;
  /** What Pebble printed last. */
  output(): string;
  close(): Promise<void>;
}

export interface RenewalWindow {
  start: Date;
  end: Date;
  explanationUrl?: string;
}

/** Starts Pebble in strict mode, validating by DNS at `dnsServer`; it ends with this process at the latest. */
export async function startAcme(options: AcmeOptions): Promise<AcmeServer> {
  const identity = await createServerIdentity("private-lb sandbox ACME");
  const pebble = await startPebble({
    binary: options.binary ?? (await ensurePebble()),
    identity,
    config: configuration(options),
    arguments: ["-strict", "-dnsserver", options.dnsServer],
    env: environment(options),
  });
  let front: Front;
  try {
    front = await startFront({
      ...{ log: options.log, identity, target: pebble.url, targetCa: identity.ca },
      ...(options.authorizationReuse === 0 && { review: freshOrders() }),
    });
  } catch (error) {
    await pebble.close();
    throw error;
  }
  const manage = (path: string, body?: string) =>
    requestPebble(`${pebble.managementUrl}${path}`, identity.ca, body);
  return {
    directoryUrl: `${front.url}/dir`,
    caPem: identity.ca,
    roots: () => certificates(manage, "/roots/"),
    intermediates: () => certificates(manage, "/intermediates/"),
    setRenewalInfo: async (certificate, answer) => {
      const body = JSON.stringify({ certificate, ariResponse: renewalInfo(answer) });
      const { status, text } = await manage("/set-renewal-info/", body);
      if (status !== 200) throw new Error(`Pebble refused the renewal info (${status}): ${text}`);
    },
    isRevoked: async (serial) => {
      const { status, text } = await manage(`/cert-status-by-serial/${serial}`);
      if (status !== 200) throw new Error(`Pebble knows no certificate ${serial} (${status})`);
      return (JSON.parse(text) as { Status: string }).Status === "Revoked";
    },
    intercept: front.intercept,
    managementUrl: pebble.managementUrl,
    managementCaPem: identity.ca,
    pid: pebble.pid,
    output: pebble.output,
    close: async () => {
      await front.close();
      await pebble.close();
    },
  };
}

function configuration(options: AcmeOptions): Record<string, unknown> {
  const { retryAfter = 1, externalAccounts, blockedDomains = [] } = options;
  const profiles = Object.entries(options.profiles ?? LETS_ENCRYPT_PROFILES);
  return {
    // Pebble offers HTTP-01 and TLS-ALPN-01 too; nothing answers on these ports.
    httpPort: 1,
    tlsPort: 1,
    externalAccountBindingRequired: externalAccounts !== undefined,
    externalAccountMACKeys: externalAccounts ?? {},
    domainBlocklist: blockedDomains,
    retryAfter: { authz: retryAfter, order: retryAfter },
    // An elliptic key is made in a millisecond; RSA would take half a second of each start.
    keyAlgorithm: "ecdsa",
    profiles: Object.fromEntries(
      profiles.map(([name, seconds]) => [
        name,
        {
          description: `${name}: valid for ${seconds} s`,
          validityPeriod: seconds,
          promoteCommonName: name === "default" || name === "classic",
        },
      ]),
    ),
  };
}

function environment(options: AcmeOptions): Record<string, string> {
  const { nonceReject = 5, authorizationReuse = 50, alternateRoots = 0, chainLength = 1 } = options;
  return {
    PEBBLE_VA_NOSLEEP: "1",
    PEBBLE_VA_ALWAYS_VALID: "0",
    PEBBLE_WFE_NONCEREJECT: String(nonceReject),
    PEBBLE_AUTHZREUSE: String(authorizationReuse),
    PEBBLE_ALTERNATE_ROOTS: String(alternateRoots),
    PEBBLE_CHAIN_LENGTH: String(chainLength),
  };
}

function renewalInfo(answer: RenewalWindow | string): string {
  if (typeof answer === "string") return answer;
  const { start, end, explanationUrl } = answer;
  return JSON.stringify({
    suggestedWindow: { start: start.toISOString(), end: end.toISOString() },
    ...(explanationUrl !== undefined && { explanationURL: explanationUrl }),
  });
}

/** The management interface numbers the chains from 0 and answers 404 after the last. */
async function certificates(manage: (path: string) => Promise<PebbleAnswer>, path: string) {
  const found: string[] = [];
  for (;;) {
    const { status, text } = await manage(`${path}${found.length}`);
    if (status === 404 && found.length > 0) return found.join("");
    if (status !== 200)
      throw new Error(`Pebble's management interface answered ${status}: ${text}`);
    found.push(text);
  }
}
