import { readFileSync, statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../operate/stackRunner.ts";
import { changes, only, reach as reachFrom, standing, succeed } from "./runs.ts";
import { type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

const reach = (host: string) => reachFrom(stage, host);
const challenges = () => stage.world.cloudflare.inventory().filter(({ type }) => type === "TXT");

describe("secrets", () => {
  test("appear neither in the state nor in what a run says", async () => {
    const stack = stage.stack();
    stack.declare("secret");
    const events: RunEvent[] = [];
    const onEvent = (event: RunEvent) => void events.push(event);
    await succeed(stack.runner.preview({ onEvent }));
    await succeed(stack.runner.up({ onEvent }));
    await succeed(stack.runner.refresh({ onEvent }));
    const state = readFileSync(stack.stateFile, "utf8");
    const { env } = stage.world;
    for (const text of [state, JSON.stringify(events)])
      for (const secret of [
        "PRIVATE KEY",
        env["CLOUDFLARE_API_TOKEN"],
        env["SCW_SECRET_KEY"],
        env["PULUMI_CONFIG_PASSPHRASE"],
      ])
        expect(text.includes(secret ?? "unset")).toBe(false);
    expect(statSync(stack.stateFile).mode & 0o777).toBe(0o600);
  });

  test("that are rotated change nothing", async () => {
    const { cloudflare } = stage.world;
    const stack = stage.stack();
    stack.declare("rotated");
    const old = cloudflare.addToken({ zones: "edit" });
    await succeed(stack.with({ CLOUDFLARE_API_TOKEN: old }).up());
    cloudflare.revokeToken(old);
    expect(changes(await succeed(stack.runner.up({ refresh: true })))).toEqual([]);
  });
});

describe("one endpoint of several", () => {
  test("goes without a change to the other", async () => {
    const stack = stage.stack();
    stack.declare("stays");
    stack.declare("goes");
    await succeed(stack.runner.up());
    stack.configure((settings) => void settings["private-lb:endpoints"].pop());
    expect(changes(await succeed(stack.runner.up()))).toEqual(["delete"]);
    expect(await only(stack)).toMatchObject({ domain: stack.domain("stays") });
    expect((await reach(stack.domain("stays"))).status).toBe(200);
    const left = stage.world.scaleway.inventory().loadBalancers.map(({ name }) => name);
    expect(left.filter((name) => name.includes("goes"))).toEqual([]);
  });
});

describe("what is changed by hand", () => {
  test("is put right: a deleted A record", async () => {
    const { cloudflare } = stage.world;
    const stack = await standing(stage, "record");
    const record = cloudflare.inventory().find(({ name }) => name === stack.domain("record"));
    cloudflare.removeRecord("example.net", record?.id ?? "");
    expect(changes(await succeed(stack.runner.up({ refresh: true })))).toEqual(["create"]);
    expect((await reach(stack.domain("record"))).status).toBe(200);
  });
});

describe("a run that is interrupted", () => {
  test("is continued by the next, and leaves no challenge behind", async () => {
    const stack = stage.stack();
    stack.declare("interrupted");
    const interrupt = new AbortController();
    const stopped = await stack.runner.up({
      signal: interrupt.signal,
      onEvent: (event) => {
        if (event.kind === "step-started" && event.type.endsWith("acme:Certificate"))
          interrupt.abort();
      },
    });
    expect(stopped.ok).toBe(false);
    await succeed(stack.runner.up());
    expect((await reach(stack.domain("interrupted"))).status).toBe(200);
    expect(challenges().filter(({ name }) => name.includes(stack.domain("interrupted")))).toEqual(
      [],
    );
  });
});

describe("destroy", () => {
  test("deletes all of a stack and nothing else", async () => {
    const kept = stage.stack();
    kept.declare("kept");
    await succeed(kept.runner.up());
    const stack = stage.stack();
    stack.declare("gone", { aliases: [stack.domain("*.gone")] });
    await succeed(stack.runner.up());
    await succeed(stack.runner.destroy());
    const left = JSON.stringify(await stage.world.leftovers());
    expect(left).not.toContain("gone");
    expect((await reach(kept.domain("kept"))).status).toBe(200);
  });
});
