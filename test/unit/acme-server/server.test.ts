import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { Agent, request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import acme from "acme-client";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type AcmeServer, startAcme } from "../../../sandbox/acme/server.ts";
import { CallLog } from "../../../sandbox/clouds/api.ts";

const log = new CallLog();
let server: AcmeServer;
let temporary: string;
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), "private-lb-test-"));
  vi.stubEnv("TMPDIR", temporary);
  server = await startAcme({ log, dnsServer: "127.0.0.1:1", alternateRoots: 1, chainLength: 2 });
});
afterAll(async () => {
  await server.close();
  vi.unstubAllEnvs();
  await rm(temporary, { recursive: true, force: true });
});

interface Answer {
  status: number;
  body: string;
  headers: Record<string, string | string[] | undefined>;
}

function get(url: string, method = "GET", body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { "user-agent": "test", "content-type": "application/jose+json" };
    const options = { ca: server.caPem, method, headers, agent: false as const };
    const outgoing = request(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      const { statusCode: status = 0, headers } = response;
      response.on("end", () => resolve({ status, body: text, headers }));
    });
    outgoing.on("error", reject).end(body);
  });
}

const origin = () => new URL(server.directoryUrl).origin;

it("gives a directory whose URLs all lead through the front", async () => {
  const { meta, ...urls } = JSON.parse((await get(server.directoryUrl)).body);
  expect(Object.values<string>(urls).map((url) => new URL(url).origin)).toEqual(
    Object.keys(urls).map(origin),
  );
  expect(Object.keys(meta.profiles).sort()).toEqual([
    "classic",
    "default",
    "shortlived",
    "tlsserver",
  ]);
});

it("binds to loopback only", () => {
  expect(new URL(server.directoryUrl).hostname).toBe("127.0.0.1");
  expect(new URL(server.managementUrl).hostname).toBe("127.0.0.1");
  expect(server.output()).not.toMatch(/listening on: (?!127\.0\.0\.1:)/i);
});

it("logs each request with its status, and no secret of it", async () => {
  const from = log.calls.length;
  await get(`${origin()}/nonce-plz`, "HEAD");
  await get(`${origin()}/order-plz`, "POST", '{"payload":"secret"}');
  await expect.poll(() => log.calls.length).toBe(from + 2);
  expect(log.calls.slice(from)).toMatchObject([
    { api: "acme", method: "HEAD", path: "/nonce-plz", status: 200, client: "test" },
    { api: "acme", method: "POST", path: "/order-plz", status: 400 },
  ]);
  expect(JSON.stringify(log.calls)).not.toContain("secret");
});

it("passes Pebble's headers on", async () => {
  const { headers } = await get(`${origin()}/nonce-plz`);
  expect(headers["replay-nonce"]).toMatch(/^[\w-]+$/);
});

it("gives the roots and intermediates of every chain", async () => {
  const roots = split(await server.roots());
  const intermediates = split(await server.intermediates());
  expect(roots.map(({ subject, ca }) => [subject.startsWith("CN=Pebble Root CA"), ca])).toEqual([
    [true, true],
    [true, true],
  ]);
  expect(intermediates).toHaveLength(2);
});

it("lets a test answer in Pebble's place, and stops when told to", async () => {
  const stop = server.intercept(({ path }) =>
    path === "/dir" ? { status: 503, headers: { "retry-after": "7" }, body: "busy" } : undefined,
  );
  expect(await get(server.directoryUrl)).toMatchObject({
    status: 503,
    body: "busy",
    headers: { "retry-after": "7" },
  });
  stop();
  expect(await get(server.directoryUrl)).toMatchObject({ status: 200 });
});

it("starts several at once, side by side", async () => {
  const options = { log, dnsServer: "127.0.0.1:1" };
  const servers = await Promise.all([startAcme(options), startAcme(options), startAcme(options)]);
  const urls = servers.map(({ directoryUrl }) => directoryUrl);
  await Promise.all(servers.map((one) => one.close()));
  expect(new Set(urls).size).toBe(3);
});

it("ends Pebble when it is closed, and leaves no file", async () => {
  const own = await startAcme({ log, dnsServer: "127.0.0.1:1" });
  expect(process.kill(own.pid, 0)).toBe(true);
  await own.close();
  expect(() => process.kill(own.pid, 0)).toThrow("ESRCH");
  expect(await readdir(temporary)).toEqual([]);
});

it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
  "ends Pebble when its parent ends by %s",
  async (signal) => {
    const script = join(import.meta.dirname, "startAndWait.ts");
    const parent = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const [url] = await once(parent.stdout.setEncoding("utf8"), "data");
    const port = Number(new URL(url).port);
    expect(await accepts(port)).toBe(true);
    parent.kill(signal);
    await once(parent, "exit");
    await expect.poll(() => accepts(port), { interval: 20 }).toBe(false);
    expect(await readdir(temporary)).toEqual([]);
  },
);

it("tells what Pebble printed when it does not start", async () => {
  await expect(
    startAcme({ log, dnsServer: "127.0.0.1:1", externalAccounts: { kid: "not base64url!" } }),
  ).rejects.toThrow(/did not start: it ended with code 1\n.*external account bindings/s);
});

it("says which binary could not be run", async () => {
  await expect(
    startAcme({ log, dnsServer: "127.0.0.1:1", binary: "/nonexistent/pebble" }),
  ).rejects.toThrow(/Pebble \(\/nonexistent\/pebble\) did not start/);
});

it("requires external account binding when accounts are given", async () => {
  const hmacKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
  const own = await startAcme({
    log,
    dnsServer: "127.0.0.1:1",
    externalAccounts: { "kid-1": hmacKey },
  });
  try {
    // acme-client takes no CA of its own; the front's is handed to its axios instance.
    acme.axios.defaults.httpsAgent = new Agent({ ca: own.caPem });
    const accountKey = await acme.crypto.createPrivateEcdsaKey();
    const register = (binding?: { kid: string; hmacKey: string }) =>
      new acme.Client({
        directoryUrl: own.directoryUrl,
        accountKey,
        ...(binding && { externalAccountBinding: binding }),
      }).createAccount({ termsOfServiceAgreed: true });
    await expect(register()).rejects.toThrow(/externalAccountBinding/i);
    await expect(register({ kid: "kid-1", hmacKey })).resolves.toMatchObject({ status: "valid" });
  } finally {
    await own.close();
  }
});

function split(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN.+?END CERTIFICATE-----/gs) ?? []).map(
    (one) => new X509Certificate(one),
  );
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
