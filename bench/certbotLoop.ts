/**
 * What people do today, as the guide of the script describes it: domain by domain, certbot with its Cloudflare plugin,
 * the upload to the load balancer, the change of its frontend, the deletion of the old certificate. The script's calls of
 * curl are made in this process, which is cheaper; certbot is the real one, with its defaults.
 */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { createClient } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { scalewaySettings } from "../dynamic/environment.ts";
import { poll } from "../dynamic/poll.ts";
import type { DeployedEndpoint } from "../sandbox/world/deployed.ts";
import type { World } from "../sandbox/world/startWorld.ts";
import { seconds } from "./measure.ts";

const PACKAGES = ["certbot", "python3-certbot-dns-cloudflare"];
const ZONE = "fr-par-1";
const run = promisify(execFile);

/** Installs Debian's packages. @throws Error when apt-get fails */
export async function installCertbot(): Promise<void> {
  const child = spawn("apt-get", ["install", "--yes", ...PACKAGES], { stdio: "inherit" });
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (code !== 0) throw new Error(`apt-get could not install ${PACKAGES.join(" and ")}: see above`);
}

/** Whether there is a certbot with the Cloudflare plugin on PATH. @param folder for what it writes */
export async function hasCertbot(folder: string): Promise<boolean> {
  try {
    const { stdout } = await run("certbot", ["plugins", ...foldersIn(path.join(folder, "look"))]);
    return stdout.includes("dns-cloudflare");
  } catch {
    return false;
  }
}

export interface LoopFigures {
  seconds: number;
  /** Of it, certbot's. */
  certbot: number;
}

/** One after the other. @param folder for certbot's files, a new one for a first issuance */
export async function certbotLoop(
  world: World,
  endpoints: DeployedEndpoint[],
  folder: string,
): Promise<LoopFigures> {
  mkdirSync(folder, { recursive: true });
  const credentials = path.join(folder, "cloudflare.ini");
  writeFileSync(credentials, `dns_cloudflare_api_token = ${world.cloudflare.token}\n`, {
    mode: 0o600,
  });
  let certbot = 0;
  const whole = await seconds(async () => {
    for (const endpoint of endpoints) {
      certbot += await seconds(() => issue(world, endpoint.domain, { folder, credentials }));
      await swap(world, endpoint, path.join(folder, "config/live", endpoint.domain));
    }
  });
  return { seconds: whole, certbot };
}

async function issue(
  { env }: World,
  domain: string,
  { folder, credentials }: { folder: string; credentials: string },
): Promise<void> {
  await run(
    "certbot",
    [
      ...["certonly", "--non-interactive", "--agree-tos", "--register-unsafely-without-email"],
      ...["--server", env["ACME_DIRECTORY_URL"] ?? ""],
      ...["--dns-cloudflare", "--dns-cloudflare-credentials", credentials],
      ...foldersIn(folder),
      ...["--domain", domain],
    ],
    { env: { ...process.env, ...env } },
  );
}

const foldersIn = (folder: string): string[] =>
  ["config", "work", "logs"].flatMap((name) => [`--${name}-dir`, path.join(folder, name)]);

/** Uploads, changes the frontend once the new certificate is ready, deletes the old one. */
async function swap(world: World, endpoint: DeployedEndpoint, live: string): Promise<void> {
  const api = new Lbv1.ZonedAPI(createClient(scalewaySettings(world.env)));
  const zone = ZONE;
  const { loadBalancerId: lbId, domain, serviceUid } = endpoint;
  const read = (name: string) => readFileSync(path.join(live, name), "utf8");
  const { id: certificateId } = await api.createCertificate({
    ...{ zone, lbId, name: `${domain}-${new Date().toISOString().slice(0, 10)}` },
    customCertificate: { certificateChain: `${read("fullchain.pem")}${read("privkey.pem")}` },
  });
  const isReady = async () =>
    (await api.getCertificate({ zone, certificateId })).status === "ready" || undefined;
  if (!(await poll(isReady, { first: 20, max: 200, timeout: 10_000 })))
    throw new Error(`${domain}: the uploaded certificate did not become ready within 10 s`);
  const { frontends } = await api.listFrontends({ zone, lbId });
  const frontend = frontends.find(({ name }) => name === `${serviceUid}_tcp_443`);
  if (!frontend) throw new Error(`${domain}: the load balancer has no frontend for port 443`);
  await api.updateFrontend({
    ...{ zone, frontendId: frontend.id, name: frontend.name, inboundPort: 443 },
    ...{ backendId: frontend.backend?.id ?? "", certificateIds: [certificateId] },
    ...{ enableHttp3: frontend.enableHttp3, enableAccessLogs: frontend.enableAccessLogs },
  });
  for (const old of frontend.certificateIds)
    await api.deleteCertificate({ zone, certificateId: old });
}
