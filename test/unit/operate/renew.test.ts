import { describe, expect, test } from "vitest";
import { EXIT, type Renewal, type RenewOptions, renew } from "../../../operate/renew.ts";
import { renewalText } from "../../../operate/renewalText.ts";
import { StackLockedError } from "../../../operate/stackLocked.ts";
import type { FinishedStep, RunResult, StackRunner } from "../../../operate/stackRunner.ts";
import { type EndpointState, renewalSteps, stateOf, step, TYPES } from "./steps.ts";

const DAY = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();
const good: EndpointState = { servedUntil: inDays(60), servedSerial: "01" };

interface Play {
  /** The state before, and after an `up`. */
  before?: EndpointState[];
  after?: EndpointState[];
  preview?: FinishedStep[];
  errors?: Partial<Record<"refresh" | "preview" | "up", string>>;
  lock?: StackLockedError;
  /** Types of what a killed run has begun to create. */
  creating?: string[];
}

/** A runner that plays a run, and notes what it was asked. */
function actor({
  before = [good],
  after = before,
  preview = [],
  errors = {},
  lock,
  creating = [],
}: Play) {
  const asked: string[] = [];
  const parallel: unknown[] = [];
  let held = lock;
  let state = before;
  const run =
    (kind: "refresh" | "preview" | "up", steps: FinishedStep[] = []) =>
    async (options: object = {}): Promise<RunResult> => {
      if (held) throw held;
      const clears = "clearPendingCreates" in options && options.clearPendingCreates === true;
      const how = "continueOnError" in options ? ", going on" : clears ? ", clearing" : "";
      asked.push(`${kind}${how}`);
      if (kind === "up") state = after;
      if ("parallel" in options) parallel.push(options.parallel);
      const failed = errors[kind] === undefined ? [] : [errors[kind]];
      const ok = failed.length === 0;
      return { ok, summary: {}, steps, diagnostics: [], errors: failed, outputs: {} };
    };
  const runner: StackRunner = {
    refresh: run("refresh"),
    preview: run("preview", preview),
    up: run("up"),
    destroy: () => Promise.reject(new Error("nobody destroys in a renewal")),
    outputs: async () => ({}),
    configuration: async () => ({}),
    exportState: async () => {
      const { version, deployment } = stateOf(...state);
      const pending = creating.map((type) => ({ type: "creating", resource: { type } }));
      return { version, deployment: { ...(deployment as object), pending_operations: pending } };
    },
    importState: () => Promise.reject(new Error("nobody imports in a renewal")),
    unlock: async () => {
      asked.push("unlock");
      held = undefined;
    },
  };
  return { runner, asked, parallel };
}

async function played(play: Play, options: Partial<RenewOptions> = {}) {
  const { runner, asked, parallel } = actor(play);
  const renewal = await renew(runner, { stack: "staging", ...options });
  return { ...renewal, asked, parallel };
}

describe("a renewal", () => {
  test.each([
    [1, 16],
    [40, 40],
    [500, 100],
  ])("of %d endpoints takes %d steps at a time", async (count, parallel) => {
    const names = Array.from({ length: count }, (_, i) => `tool-${i}.example.com`);
    const run = await played({ preview: names.flatMap((name) => renewalSteps(name)) });
    expect(run.parallel).toEqual([parallel]);
  });

  test("of a stack where nothing is due changes nothing", async () => {
    const { asked, outcome, exitCode } = await played({ preview: [step("same", "record")] });
    expect(asked).toEqual(["refresh", "preview"]);
    expect({ outcome, exitCode }).toEqual({ outcome: "nothing due", exitCode: EXIT.done });
  });

  test("of what is due is applied, going on past a failure, and names what it renewed", async () => {
    const after = [{ ...good, servedSerial: "02" }];
    const { asked, renewed, ...rest } = await played({ preview: renewalSteps(), after });
    expect(asked).toEqual(["refresh", "preview", "up, going on"]);
    expect(renewed).toEqual(["a.example.com"]);
    expect(rest).toMatchObject({ outcome: "renewed", exitCode: EXIT.done });
  });

  test("beside which something else changes is not applied, and the change is told", async () => {
    const other = step("update", "record", ["content"]);
    const { asked, refused, ...rest } = await played({ preview: [...renewalSteps(), other] });
    expect(asked).toEqual(["refresh", "preview"]);
    expect(refused).toEqual([other]);
    expect(rest).toMatchObject({ outcome: "guard", exitCode: EXIT.guard });
  });

  test("goes on where something could not be read, and fails in the end", async () => {
    const after = [{ ...good, servedSerial: "02" }];
    const play = { preview: renewalSteps(), after, errors: { refresh: "503" } };
    const { asked, renewed, errors, exitCode } = await played(play);
    expect(asked).toEqual(["refresh", "preview", "up, going on"]);
    expect({ renewed, errors, exitCode }).toEqual({
      renewed: ["a.example.com"],
      errors: ["503"],
      exitCode: EXIT.failed,
    });
  });

  test("whose preview fails applies nothing", async () => {
    const { asked, errors } = await played({ errors: { preview: "no such zone" } });
    expect(asked).toEqual(["refresh", "preview"]);
    expect(errors).toEqual(["no such zone"]);
  });

  test("that is interrupted starts nothing more", async () => {
    const signal = AbortSignal.abort(new Error("ended by SIGTERM"));
    const { asked, errors } = await played({ preview: renewalSteps() }, { signal });
    expect(asked).toEqual(["refresh"]);
    expect(errors).toEqual(["ended by SIGTERM"]);
  });
});

describe("creations that a killed run has begun", () => {
  test("are forgotten where they are of load balancer certificates alone, which are made anew", async () => {
    const { asked, warnings } = await played({ creating: [TYPES.onBalancer] });
    expect(asked).toEqual(["refresh, clearing", "preview"]);
    expect(warnings).toEqual([]);
  });

  test("are left to a person otherwise, who is told where they are listed", async () => {
    const { asked, warnings } = await played({ creating: [TYPES.onBalancer, TYPES.balancer] });
    expect(asked).toEqual(["refresh", "preview"]);
    expect(warnings.join()).toContain("npm run leftovers -- staging");
  });
});

describe("the exit code of a failure", () => {
  const errors = { up: "the CCM is down" };
  const preview = renewalSteps();
  const cases: [what: string, states: EndpointState[], code: number][] = [
    ["with 60 days left", [good], EXIT.failed],
    ["with 8 days left", [{ ...good, servedUntil: inDays(8) }], EXIT.failed],
    ["with 6 days left", [{ ...good, servedUntil: inDays(6) }], EXIT.urgent],
    ["after the end", [{ ...good, servedUntil: inDays(-1) }], EXIT.urgent],
    ["with none served", [{}], EXIT.urgent],
    [
      "with 6 days left at one of two",
      [good, { domain: "b.example.com", servedSerial: "05", servedUntil: inDays(6) }],
      EXIT.urgent,
    ],
    ["of a stack that passes TLS through", [{ without: "tls" }], EXIT.failed],
    [
      "with 6 days left where a new one was issued, but is not served",
      [{ servedUntil: inDays(6), servedSerial: "01", issuedSerial: "02" }],
      EXIT.urgent,
    ],
  ];
  test.each(cases)("%s", async (_, before, code) => {
    expect(await played({ before, preview, errors })).toMatchObject({
      outcome: "failed",
      exitCode: code,
    });
  });
});

describe("a lock of another run", () => {
  const locked = (hours: number | undefined, alive?: boolean) =>
    new StackLockedError("locked", {
      owner: "ada@laptop",
      since: hours === undefined ? undefined : new Date(Date.now() - hours * 3_600_000),
      alive,
    });
  const cases: [string, StackLockedError, number | undefined, RegExp | undefined][] = [
    ["is named with owner and age", locked(3), undefined, /ada@laptop for 3 h: .*--clear-lock/],
    ["that is younger than asked stays", locked(3), 4, /for 3 h, less than the 4 h/],
    ["that is old enough is cleared", locked(3), 2, undefined],
    ["of a process that lives stays, however old", locked(30, true), 2, /that run lives/],
    ["of a process that is gone is cleared", locked(3, false), 2, undefined],
    ["of unknown age stays", locked(undefined), 2, /pulumi cancel/],
  ];
  test.each(cases)("%s", async (_, lock, after, refusal) => {
    const clearLockAfter = after === undefined ? undefined : after * 3_600_000;
    const { asked, errors, warnings, exitCode } = await played({ lock }, { clearLockAfter });
    if (refusal) {
      expect(asked).toEqual([]);
      expect(errors.join()).toMatch(refusal);
      expect(exitCode).toBe(EXIT.failed);
    } else {
      expect(asked).toEqual(["unlock", "refresh", "preview"]);
      expect(warnings).toEqual(["the stack is locked by ada@laptop for 3 h: cleared"]);
      expect(exitCode).toBe(EXIT.done);
    }
  });
});

describe("the report", () => {
  const text = async (play: Play) => {
    const { asked: _, ...renewal } = await played(play);
    return renewalText(renewal as Renewal);
  };

  test("says of each endpoint what is left, its serial and its next renewal", async () => {
    const lines = (
      await text({ before: [{ ...good, renewAt: "2026-12-24T00:00:00.000Z" }] })
    ).split("\n");
    expect(lines[1]).toMatch(
      /^ {2}a\.example\.com {2}60 days left {2}serial 01 {2}next renewal 2026-12-24T00:00:00\.000Z {2}valid$/,
    );
  });

  test("shows the changes that the guard refused", async () => {
    const other = step("update", "record", ["content"]);
    const said = await text({ preview: [...renewalSteps(), other] });
    expect(said).toContain("DnsRecord a.example.com");
    expect(said).toContain('content: "before" => "after"');
    expect(said).not.toContain("status");
  });

  test("says that a certificate was issued and is not served", async () => {
    const before = [{ ...good, issuedSerial: "02" }];
    expect(await text({ before, errors: { preview: "down" } })).toContain("issued, not served: 02");
  });

  test("asks to act when the failure is urgent", async () => {
    const before = [{ ...good, servedUntil: inDays(2) }];
    expect(await text({ before, errors: { preview: "down" } })).toContain("act now");
  });
});
