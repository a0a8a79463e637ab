import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { proxyVariable } from "../../../dynamic/environment.ts";
import * as barrier from "../../../frontend/provider.ts";
import type { ApiCall } from "../../../sandbox/clouds/api.ts";
import { ADDRESS, type Balancer, startBalancer, UID, type Uploaded, ZONE } from "./balancer.ts";

type Inputs = barrier.FrontendCertificateInputs;
type Outputs = barrier.FrontendCertificateOutputs;

const PROXY = proxyVariable("staging");

let balancer: Balancer;
beforeAll(async () => {
  balancer = await startBalancer();
});
afterAll(() => balancer.close());
beforeEach(() => {
  process.env[PROXY] = balancer.plane.proxyUrl("staging");
  Object.assign(process.env, balancer.cloud.env());
});

const inputs = (certificate: Uploaded, more: Partial<Inputs> = {}): Inputs => ({
  zone: ZONE,
  loadBalancerId: `${ZONE}/${balancer?.lbId}`,
  serviceUid: UID,
  port: 443,
  certificateId: `${ZONE}/${certificate.id}`,
  serial: certificate.serial,
  names: ["test.example.com"],
  address: ADDRESS,
  network: "staging",
  timeout: 10,
  status: "served",
  ...more,
});

const isLookup = ({ method, path }: ApiCall) => method === "GET" && path.includes("/frontends");

/** Resolves at the barrier's next look at the frontends. */
function nextLookup(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = balancer.log.onCall((call) => {
    if (!isLookup(call)) return;
    stop();
    resolve();
  });
  return promise;
}

describe("the barrier", () => {
  it("waits for the frontend, then proves what it serves", async () => {
    const certificate = await balancer.upload("test.example.com");
    const looked = nextLookup();
    const created = barrier.create(inputs(certificate));
    await looked;
    const frontend = await balancer.makeFrontend(UID, 443, [certificate.id]);
    try {
      const { id, outs } = await created;
      expect(id).toBe(`${UID}_tcp_443`);
      expect(outs).toEqual({
        ...inputs(certificate),
        frontendId: frontend.id,
        handshake: `verified: ${ADDRESS}:443 serves ${certificate.serial.replace(/^0+/, "")}`,
      });
    } finally {
      await frontend.remove();
    }
  });

  it("waits for a swap, and only looks", async () => {
    const [old, fresh] = [
      await balancer.upload("test.example.com"),
      await balancer.upload("test.example.com"),
    ];
    const frontend = await balancer.makeFrontend(UID, 443, [old.id]);
    try {
      const { outs: olds } = await barrier.create(inputs(old));
      expect((await barrier.diff("id", olds, inputs(fresh))).changes).toBe(true);
      const from = balancer.log.calls.length;
      const looked = nextLookup();
      const updated = barrier.update("id", olds, inputs(fresh));
      await looked;
      const looks = balancer.log.calls.slice(from);
      await frontend.swap([fresh.id]);
      expect((await updated).outs).toMatchObject(inputs(fresh));
      expect(looks.every(({ method }) => method === "GET")).toBe(true);
    } finally {
      await frontend.remove();
    }
  });

  it("throws at its bound while the old certificate is there, and without an id", async () => {
    const [old, fresh] = [
      await balancer.upload("test.example.com"),
      await balancer.upload("test.example.com"),
    ];
    const frontend = await balancer.makeFrontend(UID, 443, [old.id]);
    try {
      const error = await barrier
        .create(inputs(fresh, { timeout: 0.3 }))
        .catch((thrown: Error) => thrown);
      expect((error as Error).message).toContain(
        `waiting for the certificate ${fresh.id}: after 0.3 s it holds ${old.id}`,
      );
      // An error with an id would be saved as partial state, which a refresh forgets.
      expect(error).not.toHaveProperty("id");
    } finally {
      await frontend.remove();
    }
  });

  it("tells that the frontend is not there, and which are", async () => {
    const certificate = await balancer.upload("test.example.com");
    const other = await balancer.makeFrontend("another-uid", 444, [certificate.id]);
    try {
      await expect(barrier.create(inputs(certificate, { timeout: 0.3 }))).rejects.toThrow(
        /there is no such frontend \(there are another-uid_tcp_444\)\. The cloud controller manager/,
      );
    } finally {
      await other.remove();
    }
  });

  it("passes without a handshake from outside of the network", async () => {
    const certificate = await balancer.upload("test.example.com");
    const frontend = await balancer.makeFrontend(UID, 443, [certificate.id]);
    process.env[PROXY] = balancer.plane.outsideProxyUrl;
    try {
      const { outs } = await barrier.create(inputs(certificate));
      expect(outs.handshake).toBe("not reachable from here");
    } finally {
      await frontend.remove();
    }
  });

  it("throws at once without such a load balancer, and with a wrong key", async () => {
    const certificate = await balancer.upload("test.example.com");
    const none = inputs(certificate, { loadBalancerId: "99999999-9999-4999-8999-999999999999" });
    await expect(barrier.create(none)).rejects.toThrow("the load balancer does not exist");
    process.env["SCW_SECRET_KEY"] = "44444444-4444-4444-8444-444444444444";
    const error = await barrier.create(inputs(certificate)).catch((thrown: Error) => thrown);
    expect((error as Error).message).toMatch(/waiting for the certificate .+: .+/);
    expect((error as Error).message).not.toContain("44444444-4444");
  });

  it("names the variable that is missing", async () => {
    delete process.env["SCW_SECRET_KEY"];
    await expect(barrier.create(inputs({ id: "x", serial: "1" }))).rejects.toThrow(
      "environment variable SCW_SECRET_KEY is not set",
    );
  });
});

describe("certificates that no frontend uses", () => {
  const DAY_AND_SERIAL = "2026-11-21-0badcafe";
  const ids = () => balancer.cloud.inventory().certificates.map(({ id }) => id);

  it("go when they are copies of the one in use, or were unused at the last pass already", async () => {
    const domain = "tidy.example.com";
    const name = (end: string) => `${domain}-${end}`;
    const current = await balancer.upload(domain, name(DAY_AND_SERIAL));
    const copy = await balancer.upload(domain, name(DAY_AND_SERIAL));
    const replaced = await balancer.upload(domain, name("2026-10-21-0badbeef"));
    const older = await balancer.upload(domain, name("2026-08-21-0badf00d"));
    const byHand = await balancer.upload(domain, "tidy.example.com-by-hand");
    const others = await balancer.upload(domain, "other.example.com-2026-11-21-0badcafe");
    const used = await balancer.upload(domain, name("2026-09-21-0badfeed"));
    const frontend = await balancer.makeFrontend(UID, 443, [current.id]);
    const foreign = await balancer.makeFrontend("foreign", 8443, [used.id]);
    const about = inputs(current, { names: [domain] });
    try {
      const { outs } = await barrier.create(about);
      expect(ids()).not.toContain(copy.id);
      for (const { id } of [current, replaced, older, byHand, others, used])
        expect(ids()).toContain(id);
      const first = outs as Outputs;
      expect(first.unused?.sort()).toEqual([replaced.id, older.id].sort());
      // The engine deletes what the state says was there before.
      const second = await barrier.update("id", { ...first, certificateId: replaced.id }, about);
      expect(second.outs).not.toHaveProperty("unused");
      expect(ids()).not.toContain(older.id);
      for (const { id } of [current, replaced, byHand, others, used]) expect(ids()).toContain(id);
    } finally {
      await frontend.remove();
      await foreign.remove();
    }
  });
});

describe("a refresh of the barrier", () => {
  it("reads as it is while the certificate is served, and as drift when it is not", async () => {
    const [mine, other] = [
      await balancer.upload("test.example.com"),
      await balancer.upload("test.example.com"),
    ];
    const frontend = await balancer.makeFrontend(UID, 443, [mine.id]);
    const outs = (await barrier.create(inputs(mine))).outs as Outputs;
    const calm = await barrier.read("id", outs);
    expect(calm).toEqual({ id: "id", props: outs, inputs: inputs(mine) });
    expect(await barrier.diff("id", outs, inputs(mine))).toEqual({ changes: false });

    await frontend.swap([other.id]);
    const drifted = await barrier.read("id", outs);
    expect(drifted.inputs).toEqual({
      ...inputs(mine),
      status: `not served: it holds ${other.id}`,
    });
    expect(await barrier.diff("id", drifted.props, inputs(mine))).toEqual({ changes: true });

    await frontend.remove();
    const gone = await barrier.read("id", outs);
    expect(gone.props.status).toBe("not served: there is no such frontend (there is none at all)");
  });

  it("reads as drift when the load balancer is gone, and never as missing", async () => {
    const outs = {
      ...inputs({ id: "x", serial: "1" }),
      loadBalancerId: "99999999-9999-4999-8999-999999999999",
      frontendId: "fe",
      handshake: "",
    };
    const { id, props } = await barrier.read("id", outs);
    expect([id, props.status]).toEqual(["id", "not served: the load balancer does not exist"]);
  });
});

describe("what makes the barrier look again", () => {
  const olds = { ...inputs({ id: "c1", serial: "a1" }), frontendId: "fe", handshake: "" };
  it.each<[Partial<Inputs>, boolean]>([
    [{ certificateId: "c1" }, false],
    [{ serial: "00A1" }, false],
    [{ timeout: 1 }, false],
    [{ network: "other" }, true],
    [{ names: ["other.example.com"] }, true],
    [{ certificateId: "c2" }, true],
    [{ serial: "a2" }, true],
    [{ serviceUid: "other" }, true],
    [{ port: 8443 }, true],
    [{ loadBalancerId: "other" }, true],
    [{ address: "172.16.0.11" }, true],
    [{ zone: "fr-par-2" }, true],
  ])("%j: %s", async (change, changes) => {
    const given = { ...olds, loadBalancerId: "lb" };
    const news = {
      ...inputs({ id: "c1", serial: "a1" }),
      loadBalancerId: "fr-par-1/lb",
      ...change,
    };
    expect((await barrier.diff("id", given, news)).changes).toBe(changes);
  });
});
