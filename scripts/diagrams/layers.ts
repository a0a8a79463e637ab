/** Which folder imports which, as a Mermaid flowchart. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Graph, reduce } from "./reduce.ts";

/** What a real environment runs; it imports nothing of the rest. */
export const PRODUCT = [
  "index.ts",
  "components",
  "config",
  "certificate",
  "frontend",
  "preflight",
  "dynamic",
  "privileges",
  "operate",
  "policy",
];
export const TOOLS = ["setup", "sandbox", "scripts", "bench", "test"];

/** By folder, those that its files import from. @param root the project's folder */
export function importsBetween(root: string): Graph {
  const graph = new Map<string, Set<string>>();
  for (const file of sources(root)) {
    const from = layerOf(file);
    const targets = graph.get(from) ?? new Set();
    graph.set(from, targets);
    for (const imported of importsOf(readFileSync(path.join(root, file), "utf8"))) {
      const to = layerOf(path.posix.join(path.posix.dirname(file), imported));
      if (to !== from) targets.add(to);
    }
  }
  return graph;
}

export function layersDiagram(root: string): string[] {
  const graph = importsBetween(root);
  const arrows = [...reduce(graph)].flatMap(([from, targets]) =>
    [...targets].map((to) => `${idOf(from)} --> ${idOf(to)}`),
  );
  return [
    "flowchart TD",
    ...group("product", "the product", PRODUCT),
    ...group("tools", "what proves it", TOOLS),
    ...arrows.toSorted().map((arrow) => `  ${arrow}`),
  ];
}

const group = (id: string, title: string, layers: string[]) => [
  `  subgraph ${id}["${title}"]`,
  ...layers.map((layer) => `    ${idOf(layer)}["${layer}"]`),
  "  end",
];

const idOf = (layer: string) => `in_${layer.replaceAll(/\W+/g, "_")}`;

/** Every module of the project, relative, with `/`. */
function sources(root: string): string[] {
  return [...PRODUCT, ...TOOLS].flatMap((each) =>
    each.endsWith(".ts")
      ? [each]
      : readdirSync(path.join(root, each), { recursive: true, encoding: "utf8" })
          .map((file) => path.posix.join(each, file.split(path.sep).join("/")))
          .filter((file) => /\.(ts|mjs|js)$/.test(file)),
  );
}

function importsOf(text: string): string[] {
  const statements = /\bfrom\s+"(\.[^"]+)"|\bimport\s*\(?\s*"(\.[^"]+)"/g;
  return [...text.matchAll(statements)].map(([, from, called]) => from ?? called ?? "");
}

const layerOf = (file: string): string => file.split("/")[0] ?? "";
