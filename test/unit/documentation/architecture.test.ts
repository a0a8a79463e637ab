import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { withDiagram } from "../../../scripts/diagrams/document.ts";
import { importsBetween, layersDiagram, PRODUCT, TOOLS } from "../../../scripts/diagrams/layers.ts";
import { reduce } from "../../../scripts/diagrams/reduce.ts";
import { resourcesDiagram } from "../../../scripts/diagrams/resources.ts";
import { mermaidFaults } from "./mermaid.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const FILE = "docs/architecture.md";
const document = readFileSync(path.join(root, FILE), "utf8");

describe("the layers", () => {
  const graph = importsBetween(root);

  test("are drawn as the files import", () => {
    const isCurrent = withDiagram(document, "layers", layersDiagram(root)) === document;
    expect(isCurrent, `${FILE} is stale: renew it with \`npm run docs\``).toBe(true);
  });

  test.each(PRODUCT)("%s imports nothing of what proves it", (layer) => {
    expect([...(graph.get(layer) ?? [])].filter((each) => !PRODUCT.includes(each))).toEqual([]);
  });

  test("have no arrow back", () => {
    expect(() => reduce(graph)).not.toThrow();
    expect([...graph.keys()].toSorted()).toEqual(expect.arrayContaining([...PRODUCT, ...TOOLS]));
  });

  test.each(PRODUCT)("%s has a row that says what it is for", (layer) => {
    const name = layer.endsWith(".ts") ? layer : `${layer}/`;
    expect(document).toMatch(new RegExp(`^\\| \`${name}\` \\| .{10,} \\| .+ \\|$`, "m"));
  });
});

describe("a graph is reduced", () => {
  const arrows = (...pairs: string[]) => {
    const graph = new Map<string, Set<string>>();
    for (const [from = "", to = ""] of pairs.map((pair) => [...pair]))
      graph.set(from, (graph.get(from) ?? new Set()).add(to));
    return graph;
  };
  const listed = (graph: ReturnType<typeof reduce>) =>
    [...graph].flatMap(([from, targets]) => [...targets].map((to) => from + to)).toSorted();

  test.each([
    ["by an arrow that two others say", ["ab", "bc", "ac"], ["ab", "bc"]],
    ["by one that a longer way says", ["ab", "bc", "cd", "ad"], ["ab", "bc", "cd"]],
    ["by none of two ways", ["ab", "ac", "bd", "cd"], ["ab", "ac", "bd", "cd"]],
  ])("%s", (_, given, kept) => {
    expect(listed(reduce(arrows(...given)))).toEqual(kept);
  });

  test("unless it has a cycle, which is named", () => {
    expect(() => reduce(arrows("ab", "bc", "ca"))).toThrow("a cycle: a → b → c → a");
  });
});

describe("the resources", () => {
  const STACK = "urn:pulumi:staging::private-lb::pulumi:pulumi:Stack::private-lb-staging";
  const component = (domain: string) => ({
    urn: `urn:pulumi:staging::private-lb::private-lb:index:PrivateEndpoint::${domain}`,
    type: "private-lb:index:PrivateEndpoint",
    parent: STACK,
  });
  const made = (domain: string, type: string, name: string, ...dependencies: string[]) => ({
    ...{ type, custom: true, parent: component(domain).urn, dependencies },
    urn: `urn:pulumi:staging::private-lb::private-lb:index:PrivateEndpoint$${type}::${name}`,
  });
  const LB = "scaleway:loadbalancers/loadBalancer:LoadBalancer";
  const IP = "scaleway:ipam/ip:Ip";
  const PROVIDER = {
    ...{ urn: "urn:pulumi:staging::private-lb::pulumi:providers:scaleway::own", custom: true },
    ...{ type: "pulumi:providers:scaleway", parent: STACK },
  };
  const first = (domain: string) => {
    const balancer = made(domain, LB, domain);
    const ip = { ...made(domain, IP, `${domain}-net`), provider: `${PROVIDER.urn}::id` };
    const certificate = {
      ...made(domain, "pulumi-nodejs:dynamic/acme:Certificate", domain, balancer.urn, ip.urn),
      deletedWith: balancer.urn,
    };
    return [certificate, component(domain), { ...balancer, dependencies: [ip.urn] }, ip];
  };
  const stack = { urn: STACK, type: "pulumi:pulumi:Stack", custom: false };
  const byDefault = { urn: "urn:x::default", type: "pulumi:providers:tls", custom: true };
  const state = (...resources: object[]) =>
    ({ deployment: { resources } }) as Parameters<typeof resourcesDiagram>[0];

  const all = [...first("b.test"), stack, PROVIDER, byDefault, ...first("a.test")];
  const drawn = resourcesDiagram(state(...all));

  test("are boxes in those of their parents, with the first endpoint alone", () => {
    expect(drawn.slice(0, 9)).toEqual([
      "flowchart TD",
      '  subgraph pulumi_pulumi_Stack_private_lb_staging["stack private-lb-staging"]',
      '    subgraph private_lb_index_PrivateEndpoint["PrivateEndpoint"]',
      '      pulumi_nodejs_dynamic_acme_Certificate["Certificate<br/>dynamic/acme"]',
      '      scaleway_ipam_ip_Ip_net["Ip<br/>scaleway ipam"]',
      '      scaleway_loadbalancers_loadBalancer_LoadBalancer["LoadBalancer<br/>scaleway loadbalancers"]',
      "    end",
      '    pulumi_providers_scaleway_own["provider scaleway"]',
      "  end",
    ]);
  });

  test("have the arrows that no others say, and those of what is deleted together", () => {
    expect(drawn.slice(9)).toEqual([
      "  pulumi_providers_scaleway_own --> scaleway_ipam_ip_Ip_net",
      "  scaleway_ipam_ip_Ip_net --> scaleway_loadbalancers_loadBalancer_LoadBalancer",
      "  scaleway_loadbalancers_loadBalancer_LoadBalancer --> pulumi_nodejs_dynamic_acme_Certificate",
      '  scaleway_loadbalancers_loadBalancer_LoadBalancer -. "deleted with it" .-> pulumi_nodejs_dynamic_acme_Certificate',
    ]);
  });

  test("are Mermaid, and the same in whatever order they were registered", () => {
    expect(mermaidFaults(drawn.join("\n"))).toEqual([]);
    expect(resourcesDiagram(state(...all.toReversed()))).toEqual(drawn);
  });

  test("are none in a state without an endpoint", () => {
    expect(() => resourcesDiagram(state(stack))).toThrow("the state has no endpoint");
  });
});
