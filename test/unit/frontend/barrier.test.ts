import { describe, expect, it } from "vitest";
import { type Barrier, longestPause, passBarrier, UNREACHABLE } from "../../../frontend/barrier.ts";
import type { FrontendSeen } from "../../../frontend/frontends.ts";
import type { Handshake } from "../../../frontend/handshake.ts";

const barrier: Barrier = {
  domain: "test.example.com",
  frontend: "uid-1_tcp_443",
  loadBalancerId: "lb-1",
  certificateId: "new",
  serial: "a1b2",
  place: "172.16.0.5:443",
  serviceUid: "uid-1",
  timeout: 150,
};

const found = (...certificateIds: string[]): FrontendSeen => ({
  kind: "found",
  id: "fe-1",
  certificateIds,
});
const absent: FrontendSeen = { kind: "absent", others: [] };
const served = (serial: string): Handshake => ({ kind: "served", serial });
const unreachable = (refused: boolean): Handshake => ({
  kind: "unreachable",
  refused,
  seen: "no route",
});

/** Gives its items in turn, then the last one for good. */
function inTurn<T>(...items: T[]) {
  const asked = { times: 0 };
  const next = async () => {
    const item = items[Math.min(asked.times, items.length - 1)] as T;
    asked.times++;
    return item;
  };
  return Object.assign(next, { asked });
}

const pass = (find: FrontendSeen[], shake: Handshake[] = [served("a1b2")], timeout = 150) =>
  passBarrier({ ...barrier, timeout }, { find: inTurn(...find), shake: inTurn(...shake) });

describe("the barrier is passed", () => {
  it.each<[string, FrontendSeen[], Handshake[] | undefined]>([
    ["at once when all is there", [found("new")], undefined],
    ["once the frontend appears", [absent, found("new")], undefined],
    ["once the old certificate is gone", [found("old"), found("new")], undefined],
    [
      "after an API that was away",
      [{ kind: "unknown", seen: "the Scaleway API: 503" }, found("new")],
      undefined,
    ],
    ["once the new one is served", [found("new")], [served("old"), served("a1b2")]],
    [
      "after a handshake that failed",
      [found("new")],
      [{ kind: "failed", seen: "reset" }, served("a1b2")],
    ],
    ["after a refused connection", [found("new")], [unreachable(true), served("a1b2")]],
  ])("%s", async (_, find, shake) => {
    // With time for every look, however busy the machine.
    expect(await pass(find, shake, 20_000)).toEqual({
      frontendId: "fe-1",
      handshake: "verified: 172.16.0.5:443 serves a1b2",
    });
  });

  it("without a handshake where the address is not reachable, after one look", async () => {
    const shake = inTurn(unreachable(false));
    const passed = await passBarrier(barrier, { find: inTurn(found("new")), shake });
    expect(passed.handshake).toBe(UNREACHABLE);
    expect(shake.asked.times).toBe(1);
  });

  it("without a handshake when connections are refused up to the bound", async () => {
    expect((await pass([found("new")], [unreachable(true)])).handshake).toBe(UNREACHABLE);
  });

  it("with a serial that another tool wrote with zeros, colons or capitals", async () => {
    const passed = await passBarrier(
      { ...barrier, serial: "00:A1:B2" },
      { find: inTurn(found("new")), shake: inTurn(served("a1b2")) },
    );
    expect(passed.handshake).toMatch(/^verified/);
  });
});

describe("the barrier is not passed", () => {
  const head =
    "test.example.com: frontend uid-1_tcp_443 of load balancer lb-1: waiting for the certificate new: after 0.15 s";
  it.each<[string, FrontendSeen, string]>([
    ["without a frontend", absent, "there is no such frontend (there is none at all)"],
    [
      "with frontends of others only",
      { kind: "absent", others: ["a", "b"] },
      "there is no such frontend (there are a, b)",
    ],
    ["with the old certificate", found("old"), "it holds old"],
    ["with both certificates", found("new", "old"), "it holds new, old"],
    ["with none", found(), "it holds no certificate"],
    ["with an API that is away", { kind: "unknown", seen: "503" }, "503"],
  ])("%s: what was seen and where to look is told", async (_, seen, message) => {
    const error = await pass([seen]).catch((thrown: Error) => thrown);
    expect((error as Error).message).toBe(
      `${head} ${message}. The cloud controller manager attaches it: is it running? kubectl describe the Service with uid uid-1 for its last error.`,
    );
  });

  it("when the load balancer is gone, at once", async () => {
    const find = inTurn<FrontendSeen>({ kind: "gone" });
    const shake = inTurn(served("a1b2"));
    await expect(passBarrier(barrier, { find, shake })).rejects.toThrow(
      "the load balancer does not exist",
    );
    expect([find.asked.times, shake.asked.times]).toEqual([1, 0]);
  });

  it("when the API refuses, at once", async () => {
    const find = () => Promise.reject(new Error("insufficient permissions"));
    await expect(passBarrier(barrier, { find, shake: inTurn(served("a1b2")) })).rejects.toThrow(
      "insufficient permissions",
    );
  });

  it("while another certificate is served", async () => {
    await expect(pass([found("new")], [served("ffff")])).rejects.toThrow(
      /the frontend holds the certificate, but after 0.15 s 172\.16\.0\.5:443 serves another certificate, serial ffff\./,
    );
  });

  it("while no TLS is spoken", async () => {
    await expect(pass([found("new")], [{ kind: "failed", seen: "reset" }])).rejects.toThrow(
      "172.16.0.5:443 gives no TLS handshake: reset",
    );
  });

  it("when it is aborted, with the reason", async () => {
    const controller = new AbortController();
    const why = new Error("interrupted");
    const find = async () => {
      controller.abort(why);
      return absent;
    };
    const probes = { find, shake: inTurn(served("a1b2")) };
    await expect(passBarrier(barrier, probes, controller.signal)).rejects.toBe(why);
  });
});

it.each([1, 50, 51, 500])(
  "%d barriers look once a second each, and 50 times together at most",
  (count) => {
    const perSecond = 1000 / longestPause(count);
    expect(perSecond).toBeLessThanOrEqual(1);
    expect(perSecond * count).toBeLessThanOrEqual(50);
    expect(Math.max(perSecond, (perSecond * count) / 50)).toBe(1);
  },
);
