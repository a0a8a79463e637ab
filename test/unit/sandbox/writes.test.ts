import { expect, test } from "vitest";
import type { ApiCall } from "../../../sandbox/clouds/api.ts";
import { writesSince } from "../../../sandbox/tour/context.ts";
import type { World } from "../../../sandbox/world/startWorld.ts";

const SERVICE = "/api/v1/namespaces/ops-tools/services/test-lb-private";

test.each<[number, string, Partial<ApiCall>]>([
  [1, "a new order", { api: "acme", method: "POST", path: "/order-plz" }],
  [1, "a new account", { api: "acme", method: "POST", path: "/sign-me-up" }],
  [1, "a signing request", { api: "acme", method: "POST", path: "/finalize-order/3x" }],
  [0, "a look at an order", { api: "acme", method: "POST", path: "/my-order/3x" }],
  [0, "a nonce", { api: "acme", method: "HEAD", path: "/nonce-plz" }],
  [1, "a patch", { api: "kubernetes", method: "PATCH", path: SERVICE }],
  [0, "its preview", { api: "kubernetes", method: "PATCH", path: `${SERVICE}?dryRun=All` }],
  [0, "the CCM's patch", { api: "kubernetes", method: "PATCH", path: SERVICE, client: "ccm" }],
  [0, "a list", { api: "scaleway", method: "GET", path: "/lb/v1/zones/fr-par-1/lbs" }],
])("%i write: %s", (expected, _, call) => {
  const log = { calls: [{ method: "DELETE" }, call] };
  expect(writesSince({ log } as unknown as World, 1)).toHaveLength(expected);
});
