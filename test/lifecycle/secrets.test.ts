/** Every secret that a run is given or makes, searched in all that it writes, says and shows. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse, stringify } from "yaml";
import { addDoctorCommand } from "../../operate/doctor/command.ts";
import { addLeftoversCommand } from "../../operate/leftoversCommand.ts";
import { addRenewCommand } from "../../operate/renewCommand.ts";
import { showEvent } from "../../operate/show.ts";
import type { RunOptions, RunResult, StackRunner } from "../../operate/stackRunner.ts";
import { addStatusCommand } from "../../operate/status/command.ts";
import type { InterceptedRequest } from "../../sandbox/clouds/interceptors.ts";
import { trust } from "../../sandbox/commands/operate.ts";
import { Crypter } from "../../sandbox/engine/secrets.ts";
import { findSecrets, findSecretsBelow, type Secrets } from "../../sandbox/secrets/findSecrets.ts";
import { privateKeysIn, secretsOf } from "../../sandbox/secrets/planted.ts";
import type { Env } from "../../sandbox/world/envFile.ts";
import { selfSigned } from "../unit/config/selfSigned.ts";
import { type Sight, watchRun } from "./secrets/watch.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const BLOCKED = "blocked.example.net";
const HMAC_KEY = randomBytes(32).toString("base64url");
/** As talkative as the libraries get by themselves. */
const VERBOSE: Env = { DEBUG: "*", CLOUDFLARE_LOG: "debug", GRPC_VERBOSITY: "DEBUG" };

let stage: Stage;
let stack: Stack;
let secrets: Secrets;
let sight: Sight;
/** Takes the temporary files, and what commands are told to write. */
let temporary: string;
/** By what was done, all that was said of it. */
const said: Record<string, string> = {};

beforeAll(async () => {
  stage = await startStage(undefined, {
    externalAccounts: { "kid-1": HMAC_KEY },
    blockedDomains: [BLOCKED],
  });
  const { world } = stage;
  trust(world.env);
  temporary = mkdtempSync(path.join(tmpdir(), "private-lb-secrets-"));
  vi.stubEnv("TMPDIR", temporary);
  stack = stage.stack();
  stack.declare("acme");
  const own = await selfSigned([stack.domain("own")]);
  await encrypt("own", own);
  secrets = {
    ...secretsOf(world.env),
    "external account binding key": HMAC_KEY,
    "own certificate's key": own.privateKey,
  };
  const watched = watchRun(world, [path.dirname(stack.stateFile), temporary]);
  sight = watched.seen;
  const { runner } = stack;
  await talk("preview", (options) => runner.preview(options));
  await talk("up", (options) => runner.up(options));
  secrets = { ...secrets, ...(await made(runner)) };
  stack.configure((settings) => {
    const [acme] = settings["private-lb:endpoints"];
    Object.assign(acme ?? {}, { renewalTrigger: "leak-1" });
  });
  await talk("up of a replaced key", (options) => runner.up({ ...options, env: VERBOSE }));
  Object.assign(secrets, prefixed("second ", await made(runner)));
  await makeDue(runner);
  await command("renew", "--metrics", path.join(temporary, "metrics.prom"));
  Object.assign(secrets, prefixed("third ", await made(runner)));
  said["renewal"] = said["renew"] ?? "";
  // No renewal: refused, with a diff.
  stack.configure((settings) => {
    for (const each of settings["private-lb:endpoints"]) each.sourceRanges = ["172.16.0.0/12"];
  });
  await command("renew");
  await command("status", "--html", path.join(temporary, "status.html"));
  await command("status", "--json");
  await command("doctor");
  await command("leftovers");
  watched.stop();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await stage?.close();
  rmSync(temporary, { recursive: true, force: true });
});

const prefixed = (prefix: string, from: Secrets): Secrets =>
  Object.fromEntries(Object.entries(from).map(([name, value]) => [prefix + name, value]));

/** Adds an endpoint with a certificate of one's own, and the account binding, as `pulumi config set --secret` does. */
async function encrypt(
  label: string,
  { chain, privateKey }: Record<"chain" | "privateKey", string>,
) {
  const crypter = await Crypter.open(stage.world.env["PULUMI_CONFIG_PASSPHRASE"] ?? "");
  const secure = (text: string) => ({ secure: crypter.encrypt(text) });
  const certificate = { chain, privateKey: secure(privateKey) };
  stack.declare(label, { certificate });
  stack.configure((settings) => {
    const hmacKey = secure(HMAC_KEY);
    settings["private-lb:acmeExternalAccountBinding"] = { keyId: "kid-1", hmacKey };
  });
  const { configFile } = stack.place;
  const file = parse(readFileSync(configFile, "utf8"));
  writeFileSync(configFile, stringify({ ...file, encryptionsalt: crypter.salt }));
}

/** Has the authority want the certificate renewed now. */
async function makeDue(runner: StackRunner): Promise<void> {
  const { deployment } = await runner.exportState({ showSecrets: true });
  const { resources } = deployment as { resources: { outputs?: Record<string, unknown> }[] };
  const own = ({ names }: Record<string, unknown>) =>
    Array.isArray(names) && names[0] === stack.domain("acme");
  const [leaf] = resources.flatMap(({ outputs = {} }) =>
    own(outputs) && outputs["chainPem"] ? String(outputs["chainPem"]) : [],
  );
  const [start, end] = [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000));
  await stage.world.acme.setRenewalInfo(leaf ?? "", { start, end } as never);
}

/** The private keys that the state holds. */
const made = async (runner: StackRunner): Promise<Secrets> =>
  privateKeysIn(JSON.stringify(await runner.exportState({ showSecrets: true })));

/** Runs it, and keeps each event as data and as the text that is shown, and what the run comes to. */
async function talk(
  title: string,
  run: (options: RunOptions) => Promise<RunResult>,
): Promise<RunResult> {
  const lines: string[] = [];
  const result = await run({
    onEvent: (event) => lines.push(JSON.stringify(event), ...showEvent(event, title)),
  });
  said[title] = [...lines, JSON.stringify(result)].join("\n");
  return result;
}

/** A command of `operate/`, with what it prints. */
async function command(...args: string[]): Promise<void> {
  const written: string[] = [];
  const streams = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((text) => {
      written.push(String(text));
      return true;
    }),
  );
  const program = new Command().exitOverride();
  const open = async () => stack.runner;
  const env = () => ({ ...process.env, ...stack.env });
  const never = () => new AbortController().signal;
  addRenewCommand(program, open, never);
  addDoctorCommand(program, { open, tools: [], env }, never);
  addLeftoversCommand(program, { open, env });
  addStatusCommand(program, open, never);
  const [name = "", ...options] = args;
  try {
    await program.parseAsync([name, "staging", ...options], { from: "user" });
  } finally {
    for (const stream of streams) stream.mockRestore();
    process.exitCode = 0;
  }
  said[args.slice(0, 2).join(" ").replace(" --metrics", "")] = written.join("");
}

describe("no secret", () => {
  test("that is searched is missing: tokens, the account's key, both certificates' and one's own", () => {
    const named = Object.keys(secrets);
    expect(named).toEqual(expect.arrayContaining(["SCW_SECRET_KEY", "CLOUDFLARE_API_TOKEN"]));
    const keysOf = (prefix: string) => named.filter((name) => name.startsWith(`${prefix}key `));
    // Of the account, in more than one format, of the certificate, and of one's own.
    expect(keysOf("").length).toBeGreaterThanOrEqual(3);
    const before = keysOf("").map((name) => secrets[name]);
    const added = keysOf("second ").filter((name) => !before.includes(secrets[name]));
    expect(added).toHaveLength(1);
    // What the workflow keeps as its artifact: what was renewed, or the diff of what is none.
    expect(said["renewal"]).toContain("renew staging: 1 renewed");
    expect(said["renew"]).toMatch(/These changes are no renewal.*172\.16\.0\.0\/12/s);
    expect(keysOf("third ").length).toBeGreaterThan(0);
  });

  test("is in what previews, runs and commands say, at their most talkative", () => {
    expect(Object.values(said).every((text) => text.length > 0)).toBe(true);
    const leaks = Object.entries(said).map(([title, text]) => [title, findSecrets(text, secrets)]);
    expect(leaks.filter(([, found]) => found?.length)).toEqual([]);
  });

  test("is in the state but encrypted, nor in its journal while a run goes on", () => {
    const folder = path.dirname(stack.stateFile);
    const journal = `${stack.stateFile}.journal`;
    expect(sight.contents.get(journal)?.size).toBeGreaterThan(5);
    expect(readFileSync(stack.stateFile, "utf8")).toContain('"ciphertext"');
    const below = [...sight.contents].filter(([file]) => file.startsWith(folder));
    expect(leaksIn(below)).toEqual([]);
    expect(findSecretsBelow(folder, secrets)).toEqual([]);
  });

  test("is in temporary files, metrics, or the page of the status", () => {
    const below = [...sight.contents].filter(([file]) => file.startsWith(temporary));
    expect(leaksIn(below)).toEqual([]);
    expect(findSecretsBelow(temporary, secrets)).toEqual([]);
    expect(statSync(path.join(temporary, "metrics.prom")).size).toBeGreaterThan(100);
    expect(statSync(path.join(temporary, "status.html")).size).toBeGreaterThan(100);
  });

  test("is in the arguments of any process", () => {
    const all = [...sight.argumentLists].join("\n");
    expect(all).toContain("cmd/dynamic-provider");
    expect(findSecrets(all, secrets)).toEqual([]);
  });

  test("is in the stack's file", () => {
    expect(findSecrets(readFileSync(stack.place.configFile, "utf8"), secrets)).toEqual([]);
  });

  test("is in the log of calls", () => {
    expect(findSecrets(JSON.stringify(stage.world.log.calls), secrets)).toEqual([]);
  });
});

const leaksIn = (files: [file: string, contents: Set<string>][]) =>
  files.flatMap(([file, contents]) =>
    findSecrets([...contents].join("\n"), secrets).map((leak) => ({ ...leak, file })),
  );

test("the state, its journal and its lock are its owner's alone, at every moment", () => {
  const folder = path.dirname(stack.stateFile);
  expect([...sight.open].filter((file) => file.startsWith(folder))).toEqual([]);
  expect(statSync(folder).mode & 0o077).toBe(0);
});

/** What a vendor, a proxy or a mistake answers with: all that it was asked, secrets included. */
const echo = ({ headers, body }: InterceptedRequest) => {
  const text = JSON.stringify({ headers, body });
  const refusal = { code: 1004, message: text, type: "denied", detail: text, help_message: text };
  return { status: 400, body: { ...refusal, success: false, errors: [refusal], result: null } };
};

const FAILURES: { title: string; env?: Env; domain?: string; echoes?: string; says: RegExp }[] = [
  {
    title: "a wrong Cloudflare token",
    env: { CLOUDFLARE_API_TOKEN: randomBytes(30).toString("base64url") },
    says: /check CLOUDFLARE_API_TOKEN/,
  },
  {
    title: "a wrong Scaleway key",
    env: { SCW_SECRET_KEY: "0f0f0f0f-1234-4000-8000-0123456789ab" },
    says: /check SCW_ACCESS_KEY/,
  },
  {
    title: "an unreachable API",
    env: { SCW_API_URL: "https://127.0.0.1:1024" },
    says: /fetch failed|ECONNREFUSED/,
  },
  { title: "an authority that refuses the name", domain: BLOCKED, says: /blocked|policy|forbid/i },
  { title: "Cloudflare echoing what it is asked", echoes: "cloudflare", says: /400/ },
  { title: "Scaleway echoing what it is asked", echoes: "scaleway", says: /400|invalid|denied/ },
  { title: "Kubernetes echoing what it is asked", echoes: "kubernetes", says: /400/ },
  { title: "the authority echoing what it is asked", echoes: "acme", says: /400/ },
];

test.each(FAILURES)(
  "no secret is in the errors of $title",
  async ({ env = {}, domain, echoes, says }) => {
    const own = stage.stack();
    own.declare("other", domain ? { domain } : {});
    own.configure((settings) => {
      settings["private-lb:acmeExternalAccountBinding"] = { keyId: "kid-1", hmacKey: HMAC_KEY };
    });
    const stop = echoes
      ? stage.world.intercept((request) => (request.api === echoes ? echo(request) : undefined))
      : () => {};
    const title = `failure ${Math.random()}`;
    try {
      const run = talk(title, (options) => own.with(env).up({ ...options, continueOnError: true }));
      const { ok, errors } = await run.catch((error: Error) => {
        said[title] = `${error.message} ${error.stack}`;
        return { ok: false, errors: [error.message] };
      });
      expect(ok).toBe(false);
      expect(errors.join("\n")).toMatch(says);
    } finally {
      stop();
      await own.runner.destroy();
    }
    expect(findSecrets(said[title] ?? "", { ...secrets, ...env })).toEqual([]);
  },
);

test("no secret is in the error of a wrong passphrase", async () => {
  const wrong = "wr0ng-p4ssphrase";
  const run = stack.with({ PULUMI_CONFIG_PASSPHRASE: wrong }).preview();
  const error = await run.then(() => undefined).catch((thrown: Error) => thrown);
  expect(error?.message).toMatch(/incorrect passphrase/);
  expect(findSecrets(`${error?.message} ${error?.stack}`, { ...secrets, wrong })).toEqual([]);
});
