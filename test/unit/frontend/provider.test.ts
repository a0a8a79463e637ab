import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { diff, type FrontendCertificateOutputs, update } from "../../../frontend/provider.ts";

const FRONTEND = "11111111-1111-4111-8111-111111111111";
const OTHER = "22222222-2222-4222-8222-222222222222";
const held: FrontendCertificateOutputs = {
  ...{ zone: "fr-par-1", loadBalancerId: "fr-par-1/lb", serviceUid: "uid", port: 443 },
  ...{ certificateId: "fr-par-1/certificate", serial: "0a", names: ["a.test", "b.test", "c.test"] },
  ...{ address: "172.16.4.10", network: "production", timeout: 120, status: "served" },
  ...{ kubeContext: "production", namespace: "tools", serviceName: "a" },
  ...{ frontendId: "frontend", handshake: "verified" },
};
const { frontendId: _, handshake: __, ...inputs } = held;
const changes = async (change: object) =>
  (await diff("uid_tcp_443", held, { ...inputs, ...change })).changes;

describe("the barrier", () => {
  test.each([{}, { loadBalancerId: "lb", certificateId: "certificate" }, { timeout: 60 }])(
    "has nothing to do for %j",
    async (change) => {
      expect(await changes(change)).toBe(false);
    },
  );

  test.each([
    { certificateId: "fr-par-1/other" },
    { serial: "0b" },
    { status: "not served: it holds nothing" },
    // These change nothing that is looked at, and would be in the next renewal's way.
    { names: ["a.test", "c.test", "b.test"] },
    { network: "renamed" },
    { kubeContext: "renamed" },
  ])("looks again for %j", async (change) => {
    expect(await changes(change)).toBe(true);
  });

  test("is looked after to its last request, for an engine that is gone by then", async () => {
    const watched: number[] = [];
    const answers: Record<string, object> = {
      frontends: [
        { id: FRONTEND, name: "uid_tcp_443", inbound_port: 443, certificate_ids: [OTHER] },
      ],
      certificates: [],
    };
    // It takes no tunnel: the address counts as not reachable from here.
    const server = createServer(({ url = "" }, response) => {
      watched.push(process.listenerCount("SIGTERM") - before);
      const what = new URL(url, "http://scaleway").pathname.split("/").at(-1) ?? "";
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ [what]: answers[what], total_count: 1 }));
    });
    const before = process.listenerCount("SIGTERM");
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    vi.stubEnv("SCW_API_URL", url);
    vi.stubEnv("PRIVATE_LB_PROXY_PRODUCTION", url);
    vi.stubEnv("SCW_ACCESS_KEY", "SCWXXXXXXXXXXXXXXXXX");
    vi.stubEnv("SCW_SECRET_KEY", "11111111-1111-1111-1111-111111111111");
    try {
      const news = { ...inputs, certificateId: `fr-par-1/${OTHER}` };
      const { outs } = await update("uid_tcp_443", held, news);
      expect(outs).toMatchObject({ handshake: "not reachable from here", status: "served" });
      expect(watched).toEqual([1, 1]);
    } finally {
      vi.unstubAllEnvs();
      server.close();
    }
  });
});
