/** A directed graph: by node, the nodes that its arrows lead to. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The fewest arrows between which the same nodes are reached: https://en.wikipedia.org/wiki/Transitive_reduction
 *
 * @throws Error that names a cycle, for which there is no such thing
 */
export function reduce(graph: Graph): Graph {
  const reached = new Map<string, ReadonlySet<string>>();
  const visit = (node: string, path: readonly string[]): ReadonlySet<string> => {
    if (path.includes(node))
      throw new Error(`a cycle: ${[...path.slice(path.indexOf(node)), node].join(" → ")}`);
    const known = reached.get(node);
    if (known) return known;
    const found = new Set<string>();
    for (const next of graph.get(node) ?? [])
      for (const each of [next, ...visit(next, [...path, node])]) found.add(each);
    reached.set(node, found);
    return found;
  };
  for (const node of graph.keys()) visit(node, []);
  const kept = (targets: ReadonlySet<string>) =>
    [...targets].filter((target) =>
      [...targets].every((other) => other === target || !reached.get(other)?.has(target)),
    );
  return new Map([...graph].map(([node, targets]) => [node, new Set(kept(targets))]));
}
