import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasCertbot } from "../../../bench/certbotLoop.ts";
import { type Stage, startStage } from "../../lifecycle/stage.ts";
import { openShell, type Ran, type Shell, skipping } from "./shell.ts";

const look = mkdtempSync(path.join(tmpdir(), "private-lb-certbot-"));
const missing = skipping(!(await hasCertbot(look)), "certbot with its Cloudflare plugin");
rmSync(look, { recursive: true, force: true });

let stage: Stage;
let shell: Shell;
beforeAll(async () => {
  if (missing) return;
  // As `npm run sandbox -- start` has it. Of a nonce refused twice running, certbot 2.1 says "can't set attribute".
  stage = await startStage(undefined, { caprice: { nonceReject: 0 } });
  shell = openShell(stage.world.env);
});
afterAll(async () => {
  if (missing) return;
  shell.close();
  await stage.close();
});

const DOMAIN = "by-hand.example.net";

/** As the README says, with all of certbot's files in the shell's folder. */
function certbot(token: string, domains: string[]): Promise<Ran> {
  const folders = ["config", "work", "logs"].map((name) => `--${name}-dir ${name}`);
  const flags = [
    '--server "$ACME_DIRECTORY_URL"',
    "--dns-cloudflare --dns-cloudflare-credentials cloudflare.ini",
    "--dns-cloudflare-propagation-seconds 1",
    "--non-interactive --agree-tos --register-unsafely-without-email",
    ...folders,
    ...domains.map((domain) => `-d '${domain}'`),
  ];
  const credentials = `umask 077; echo "dns_cloudflare_api_token = ${token}" > cloudflare.ini`;
  return shell.run(`${credentials}; certbot certonly ${flags.join(" ")} 2>&1`);
}

/** What certbot asked Cloudflare. */
const asked = () =>
  stage.world.log.calls
    .filter(({ api }) => api === "cloudflare")
    .map(({ method, path: asked, status }) => [method, asked.split("?")[0], status].join(" "));

describe.skipIf(missing)("certbot with its Cloudflare plugin", () => {
  test("gets a certificate for a name and its wildcard, and leaves no record behind", async () => {
    const { code, out } = await certbot("$CLOUDFLARE_API_TOKEN", [DOMAIN, `*.${DOMAIN}`]);
    expect(code, out).toBe(0);
    const live = path.join(shell.home, "config/live", DOMAIN);
    const [leaf, intermediate] = certificates(path.join(live, "fullchain.pem"));
    const root = new X509Certificate(stage.world.roots);
    expect(leaf?.verify(intermediate?.publicKey ?? root.publicKey)).toBe(true);
    expect(intermediate?.verify(root.publicKey)).toBe(true);
    expect(leaf?.subjectAltName?.split(", ").sort()).toEqual([`DNS:*.${DOMAIN}`, `DNS:${DOMAIN}`]);
    expect(stage.world.cloudflare.inventory()).toEqual([]);
    expect(asked()).toContain("GET /client/v4/zones 200");
  });

  test.each([
    ["that is unknown", "0".repeat(40), "9109 Invalid access token"],
    ["of another form", "short", "6003 Invalid request headers"],
  ])("shows what Cloudflare says to a token %s", async (_what, token, said) => {
    const { code, out } = await certbot(token, [`refused.${DOMAIN}`]);
    expect(code).toBe(1);
    expect(out).toContain(said);
  });

  test("shows what Cloudflare says to a token that may only read", async () => {
    const token = stage.world.cloudflare.addToken({ zones: "read" });
    const { code, out } = await certbot(token, [`reader.${DOMAIN}`]);
    expect(code).toBe(1);
    expect(out).toContain("10000 Authentication error");
  });
});

const certificates = (file: string): X509Certificate[] =>
  (readFileSync(file, "utf8").match(/-----BEGIN.+?END CERTIFICATE-----/gs) ?? []).map(
    (pem) => new X509Certificate(pem),
  );
