/** What a change of each property does, as the real plugins decide it. */
import { describe, expect, test } from "vitest";
import { createAdapters } from "../../../sandbox/adapters/index.ts";
import { type Props, UNKNOWN } from "../../../sandbox/engine/provider.ts";
import { type Adapter, type Effect, otherTables } from "./replacementRows.ts";
import { scalewayTables } from "./scaleway/replacementRows.ts";

const env = {
  SCW_API_URL: "http://127.0.0.1:1",
  SCW_ACCESS_KEY: "SCWXXXXXXXXXXXXXXXXX",
  SCW_SECRET_KEY: "11111111-1111-4111-8111-111111111111",
  SCW_DEFAULT_PROJECT_ID: "22222222-2222-4222-8222-222222222222",
  SCW_DEFAULT_REGION: "fr-par",
  SCW_DEFAULT_ZONE: "fr-par-1",
  CLOUDFLARE_BASE_URL: "http://127.0.0.1:1/client/v4",
  CLOUDFLARE_API_TOKEN: "token",
};
const adapters = createAdapters(env);

async function effectOf(
  adapter: Adapter,
  type: string,
  state: Props,
  before: Props,
  after: Props,
): Promise<Effect> {
  const provider = adapters[adapter]();
  await provider.configure({});
  const urn = `urn:pulumi:staging::private-lb::${type}::thing`;
  const old = await provider.check({ urn, type, name: "thing", inputs: before });
  expect(old.failures).toEqual([]);
  const { inputs, failures } = await provider.check({
    urn,
    type,
    name: "thing",
    oldInputs: old.inputs,
    inputs: after,
  });
  expect(failures).toEqual([]);
  const { __defaults: _, ...known } = old.inputs;
  const diff = await provider.diff({
    urn,
    type,
    id: "id",
    oldInputs: old.inputs,
    oldOutputs: { ...state, ...known },
    inputs,
  });
  if (!diff.changes) return "nothing";
  if (diff.replaces.length === 0) return "update";
  return diff.deleteBeforeReplace ? "replace: delete first" : "replace: create first";
}

for (const { adapter, type, base, state, rows } of [...scalewayTables, ...otherTables]) {
  describe(type, () => {
    test.each(rows)("a change of %s", async (_, before, after, effect) => {
      const found = effectOf(
        adapter,
        type,
        state ?? {},
        { ...base, ...before },
        { ...base, ...after },
      );
      await expect(found).resolves.toBe(effect);
    });
  });
}

describe("pulumi:providers:kubernetes", () => {
  const kubeconfig = (...servers: string[]) =>
    JSON.stringify({
      clusters: servers.map((server, i) => ({ name: `c${i}`, cluster: { server } })),
      contexts: servers.map((_, i) => ({
        name: `c${i}`,
        context: { cluster: `c${i}`, user: "u" },
      })),
      "current-context": "c0",
      users: [{ name: "u", user: {} }],
    });
  const one = { kubeconfig: kubeconfig("https://one") };
  const two = { kubeconfig: kubeconfig("https://one", "https://two") };
  const by = (clusterIdentifier: string, more: Props = {}) => ({ clusterIdentifier, ...more });

  test.each<[string, Props, Props, string[]]>([
    ["nothing", two, two, []],
    ["the context without a kubeconfig", { context: "a" }, { context: "b" }, []],
    ["the context", two, { ...two, context: "c1" }, ["context"]],
    ["the context to the same cluster", two, { ...two, context: "c0" }, []],
    ["the context to none", two, { ...two, context: "c9" }, []],
    ["the cluster", two, { ...two, cluster: "c1" }, ["cluster"]],
    ["the kubeconfig's server", one, { kubeconfig: kubeconfig("https://two") }, ["kubeconfig"]],
    ["another cluster of the kubeconfig", one, two, []],
    ["the kubeconfig, unknown", one, { kubeconfig: UNKNOWN }, ["kubeconfig"]],
    ["clusterIdentifier", by("a"), by("b"), ["clusterIdentifier"]],
    ["clusterIdentifier added", {}, by("b"), []],
    ["clusterIdentifier taken away", by("a"), {}, []],
    ["the context under a clusterIdentifier", by("a", two), by("a", { ...two, context: "c1" }), []],
    [
      "the kubeconfig, unknown, under a clusterIdentifier",
      by("a"),
      by("a", { kubeconfig: UNKNOWN }),
      [],
    ],
    ["both", by("a", two), by("b", { ...two, context: "c1" }), ["clusterIdentifier", "context"]],
    ["namespace", { namespace: "a" }, { namespace: "b" }, []],
  ])("a change of %s", (_, before, after, replaced) => {
    expect(adapters.kubernetes().diffConfig?.(before, after)).toEqual(replaced);
  });
});

test.each(["scaleway", "cloudflare", "tls"] as const)(
  "no change of its configuration replaces a provider of %s",
  (adapter) => {
    expect(adapters[adapter]().diffConfig).toBeUndefined();
  },
);
