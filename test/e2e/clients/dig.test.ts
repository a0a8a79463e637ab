import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CallLog } from "../../../sandbox/clouds/api.ts";
import { type Cloudflare, startCloudflare } from "../../../sandbox/clouds/cloudflare/server.ts";
import { type Dns, startDns } from "../../../sandbox/dns/server.ts";
import { isMissing, openShell, type Shell } from "./shell.ts";

const missing = isMissing("dig", "-v");

let cloudflare: Cloudflare;
let dns: Dns;
let shell: Shell;
beforeAll(async () => {
  if (missing) return;
  cloudflare = await startCloudflare({ log: new CallLog(), zones: ["example.net"] });
  dns = await startDns({ zones: cloudflare.zones });
  shell = openShell({ ...cloudflare.env(), ...dns.env() });
  const add = (type: string, name: string, content: string) =>
    cloudflare.addRecord("example.net", { type, name: `${name}.example.net`, content });
  add("A", "vault", "172.16.0.5");
  add("A", "*.apps", "172.16.0.6");
  add("CNAME", "alias", "vault.example.net");
  for (let i = 0; i < 12; i++) add("TXT", "_acme-challenge.vault", `"${i}-${"x".repeat(100)}"`);
});
afterAll(async () => {
  if (missing) return;
  shell.close();
  await dns.close();
  await cloudflare.close();
});

/** Asks the resolver as the README says. */
async function dig(question: string): Promise<string> {
  const server = `@\${PRIVATE_LB_RESOLVER%:*} -p \${PRIVATE_LB_RESOLVER##*:}`;
  const { code, out, err } = await shell.run(`dig ${server} ${question}`);
  expect([code, err]).toEqual([0, ""]);
  return out.trim();
}

describe.skipIf(missing)("dig", () => {
  test.each([
    ["a record", "vault.example.net A", "172.16.0.5"],
    ["a wildcard's", "grafana.apps.example.net A", "172.16.0.6"],
    ["an alias and its target", "alias.example.net A", "vault.example.net.\n172.16.0.5"],
    [
      "the name servers",
      "example.net NS +time=3",
      "ada.ns.cloudflare.test.\nbob.ns.cloudflare.test.",
    ],
    ["nothing for a type that the name lacks", "vault.example.net AAAA", ""],
  ])("is answered %s", async (_what, question, answer) => {
    expect((await dig(`+short ${question}`)).split("\n").sort().join("\n")).toBe(
      answer.split("\n").sort().join("\n"),
    );
  });

  test("is told that a name does not exist, with the zone's SOA", async () => {
    const answer = await dig("nowhere.example.net A");
    expect(answer).toContain("status: NXDOMAIN");
    expect(answer).toMatch(/example\.net\.\s+\d+\s+IN\s+SOA/);
  });

  test("gets an answer that is too long for a datagram over TCP", async () => {
    const question = "_acme-challenge.vault.example.net TXT +noedns";
    expect(await dig(`+ignore ${question}`)).toMatch(/flags:[^;]* tc/);
    const whole = await dig(question);
    expect(whole).toContain("(TCP)");
    expect(whole).toContain("ANSWER: 12");
  });

  test("asks a zone's own server, which answers with authority and refuses other zones", async () => {
    const own = async (question: string) => {
      const first = `first=\${PRIVATE_LB_NAMESERVERS%%,*}; address=\${first#*=}`;
      const server = `@\${address%:*} -p \${address##*:}`;
      return (await shell.run(`${first}; dig +norecurse ${server} ${question}`)).out;
    };
    expect(await own("vault.example.net A")).toMatch(/flags:[^;]* aa/);
    expect(await own("example.com A")).toContain("status: REFUSED");
  });
});
