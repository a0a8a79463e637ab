import { afterEach, expect, test, vi } from "vitest";
import { RENEW_ONLY } from "../../../certificate/turns.ts";
import { renewalTurns } from "../../../operate/renewalTurns.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const TYPE = "pulumi-nodejs:dynamic/acme:Certificate";
const day = (offset: number) => new Date(NOW.getTime() + offset * 86_400_000).toISOString();

const certificate = (id: string, outputs: Record<string, unknown>) => ({
  ...{ id, type: TYPE, urn: `urn:pulumi:prod::private-lb::${TYPE}::${id}` },
  outputs: { status: "valid", renewAt: day(1), notAfter: day(30), ...outputs },
});
const due = { status: "renewal due (expires soon)", renewAt: day(-1) };

const resources = [
  certificate("fresh", {}),
  certificate("late", { ...due, notAfter: day(20) }),
  certificate("soon", { ...due, notAfter: day(2) }),
  certificate("clock", { renewAt: day(0), notAfter: day(10) }),
  certificate("revoked", { ...due, status: "revoked (keyCompromise)", notAfter: day(60) }),
  certificate("refused", { ...due, notAfter: day(1), retry: { notBefore: day(0.5) } }),
  { ...certificate("replaced", due), delete: true },
];

const turns = (most?: string) =>
  renewalTurns(
    {
      configuration: async (): Promise<Record<string, string>> =>
        most === undefined ? {} : { "private-lb:maxIssuancesPerRun": most },
      exportState: async () => ({ version: 3, deployment: { resources } }),
    },
    NOW,
  );

afterEach(() => vi.unstubAllEnvs());

test.each([undefined, "0", "many"])("with a bound of %s everything has its turn", async (most) => {
  expect(await turns(most)).toEqual({ env: {}, waiting: [] });
});

test("what is revoked comes first, then the soonest to end; the others are named", async () => {
  const { env, waiting } = await turns("2");
  expect(JSON.parse(env[RENEW_ONLY] ?? "")).toEqual(["revoked", "soon"]);
  expect(waiting).toEqual([
    "due, and waiting for the next run since maxIssuancesPerRun is 2: clock, late",
  ]);
});

test("what the authority has refused has a turn when it is to be tried at once", async () => {
  vi.stubEnv("PRIVATE_LB_RETRY_NOW", "1");
  const { env, waiting } = await turns("9");
  expect(JSON.parse(env[RENEW_ONLY] ?? "")).toEqual([
    "revoked",
    "refused",
    "soon",
    "clock",
    "late",
  ]);
  expect(waiting).toEqual([]);
});
