/** What the fault table runs on: one world, and an authority beside it that is as capricious as can be. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { keepAccountKey } from "../../certificate/accountKeys.ts";
import * as account from "../../certificate/accountProvider.ts";
import { createKey } from "../../certificate/keys.ts";
import * as certificate from "../../certificate/provider.ts";
import { RETRY_NOW } from "../../certificate/retry.ts";
import { type AcmeServer, startAcme } from "../acme/server.ts";
import type { InterceptedRequest } from "../clouds/interceptors.ts";
import type { Secrets } from "../secrets/findSecrets.ts";
import { secretsOf } from "../secrets/planted.ts";
import { startWorld, type World } from "../world/startWorld.ts";

export interface Ground {
  world: World;
  /** Refuses nine nonces of ten, and has every valid authorization used again. */
  fussy: AcmeServer;
  /** Of the world's authority, held by every row that renews. */
  held: certificate.CertificateOutputs;
  /** Also of a DNS record that is gone. */
  recordName(id: string): string | undefined;
  /** What the rows' own providers have warned of. */
  warnings: string[];
  /** The world's, which no row may say. */
  secrets: Secrets;
  /** An account of its own at `acme`, and the inputs of a certificate for labels below its own name. */
  customer(acme?: AcmeServer): Promise<Customer>;
  close(): Promise<void>;
}

export interface Customer {
  acme: AcmeServer;
  /** A name that no other customer's names contain. */
  label: string;
  accountUrl: string;
  accountKeyPem: string;
  /** What the row is to see when its runs are over, by name. */
  notes: Record<string, () => unknown>;
  inputs(more?: Partial<certificate.CertificateInputs>): certificate.CertificateInputs;
  /** Whether a request to the authority is this customer's. */
  asks(request: InterceptedRequest): boolean;
}

export const BLOCKED = "blocked.example.net";
const ZONES = ["example.com", "example.net"];

export async function startGround(projectFolder?: string): Promise<Ground> {
  const folder = projectFolder ?? mkdtempSync(path.join(tmpdir(), "private-lb-faults-"));
  // Which requests there are is then no matter of chance.
  const caprice = { nonceReject: 0, authorizationReuse: 0 };
  const world = await startWorld({ folder, caprice, blockedDomains: [BLOCKED] });
  const { log, dns } = world;
  const worst = { nonceReject: 90, authorizationReuse: 100 };
  const fussy = await startAcme({ log, dnsServer: await dns.aside(), ...worst });
  const authorities = [getCACertificates("default"), world.acme.caPem, fussy.caPem].flat();
  setDefaultCACertificates(authorities);
  // The rows' providers run in this process. What an authority has refused is asked again in the row's next run.
  Object.assign(process.env, world.env, { [RETRY_NOW]: "1" });
  for (const acme of [world.acme, fussy]) nameNonces(acme);
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void warnings.push(text);
  const secrets = secretsOf(world.env);
  const customer = customers(world);
  const { inputs } = await customer(world.acme);
  const held = (await certificate.create(inputs())).outs as certificate.CertificateOutputs;
  return {
    ...{ world, fussy, held, warnings, secrets, recordName: recordNames(world) },
    customer: (acme = world.acme) => customer(acme),
    async close() {
      console.warn = warn;
      await fussy.close();
      await world.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A directory asked for with a query names a `newNonce` with that query: a nonce is nobody's by itself. */
function nameNonces({ intercept }: AcmeServer): void {
  intercept(({ path: asked, answer }) => {
    const [, query] = asked.split("?");
    if (!asked.startsWith("/dir?") || !answer) return undefined;
    const directory = JSON.parse(answer.body) as Record<string, unknown>;
    const { "content-length": _length, ...headers } = answer.headers ?? {};
    const body = { ...directory, newNonce: `${directory["newNonce"]}?${query}` };
    return { status: answer.status, headers, body: JSON.stringify(body) };
  }, "done");
}

function recordNames({ cloudflare }: World): Ground["recordName"] {
  const names = new Map<string, string>();
  const look = () => {
    for (const zone of ZONES)
      for (const { id, name } of cloudflare.records(zone)) names.set(id, name);
  };
  cloudflare.intercept(({ method }) => {
    if (method === "DELETE") look();
    return undefined;
  });
  return (id) => {
    look();
    return names.get(id);
  };
}

function customers({ cloudflare }: World) {
  let count = 0;
  return async (acme: AcmeServer): Promise<Customer> => {
    const label = `row${++count}x`;
    const accountKeyPem = await createKey("ec256");
    const { directoryUrl } = acme;
    const { id: accountUrl } = await account.create({
      ...{ directory: directoryUrl, email: "", accountKeyPem },
    });
    // As `check` does.
    keepAccountKey({ accountUrl, accountKeyPem });
    const query = `row=${label}`;
    return {
      ...{ acme, label, accountUrl, accountKeyPem, notes: {} },
      inputs: (more = {}) => ({
        // As a process of its own would, the customer reads the directory and gets nonces anew.
        directory: `${directoryUrl}?${query}`,
        accountUrl,
        names: [`${label}.example.com`],
        zones: ZONES.map((name) => ({ name, id: cloudflare.zoneId(name) })),
        keyType: "ec256",
        profile: "classic",
        owner: `private-lb/${label}`,
        propagationTimeout: 20,
        status: "valid",
        ...more,
      }),
      asks: ({ path: asked, body }) => asked.endsWith(query) || signerOf(body)?.kid === accountUrl,
    };
  };
}

/** Who has signed: an account by its address, or a key by itself (RFC 8555, section 6.2). */
export function signerOf(body: unknown): { kid?: string; jwk?: { x?: string } } | undefined {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  const { protected: header = "" } = JSON.parse(body.toString()) as { protected?: string };
  return JSON.parse(Buffer.from(header, "base64url").toString());
}
