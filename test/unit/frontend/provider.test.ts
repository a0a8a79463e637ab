import { describe, expect, test } from "vitest";
import { diff, type FrontendCertificateOutputs } from "../../../frontend/provider.ts";

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
});
