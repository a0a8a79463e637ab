/** The critical path through the resources of a state: pure. What is on it decides how long an `up` takes at least. */

/** Of Pulumi's deployment, as far as it says what waits for what. */
export interface GraphResource {
  urn: string;
  parent?: string;
  provider?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
}

export interface PathNode {
  urn: string;
  /** Seconds of its own. */
  cost: number;
  /** Seconds after the beginning at which it can be done. */
  end: number;
  isCritical: boolean;
}

/**
 * Each resource with the earliest time at which it can be done, when each begins with the end of the last that it needs.
 *
 * @param costOf seconds of its own
 * @param start seconds before the first resource
 * @throws Error when resources wait for each other
 */
export function criticalPath(
  resources: readonly GraphResource[],
  costOf: (urn: string) => number,
  start = 0,
): PathNode[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const nodes = new Map<string, PathNode & { after: string | undefined }>();
  const open = new Set<string>();
  const visit = (urn: string): PathNode | undefined => {
    const resource = byUrn.get(urn);
    const known = nodes.get(urn);
    if (known || !resource) return known;
    if (open.has(urn)) throw new Error(`${urn} waits for itself`);
    open.add(urn);
    const last = needsOf(resource)
      .map(visit)
      .reduce((a, b) => ((b?.end ?? 0) > (a?.end ?? 0) ? b : a), undefined);
    const cost = costOf(urn);
    const end = Math.max(last?.end ?? 0, start) + cost;
    const node = { urn, cost, end, isCritical: false, after: last?.urn };
    nodes.set(urn, node);
    open.delete(urn);
    return node;
  };
  for (const { urn } of resources) visit(urn);
  const all = [...nodes.values()];
  let at = all.reduce<(typeof all)[number] | undefined>(
    (a, b) => (b.end > (a?.end ?? -1) ? b : a),
    undefined,
  );
  while (at) {
    at.isCritical = true;
    at = at.after === undefined ? undefined : nodes.get(at.after);
  }
  return all.map(({ after: _after, ...node }) => node);
}

/** A provider is written with its id, `<urn>::<id>`. */
function needsOf({
  parent,
  provider,
  dependencies = [],
  propertyDependencies = {},
}: GraphResource): string[] {
  const properties = Object.values(propertyDependencies).flat();
  const byProvider = provider?.slice(0, provider.lastIndexOf("::"));
  return [parent, byProvider, ...dependencies, ...properties].filter((urn) => urn !== undefined);
}
