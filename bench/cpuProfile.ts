/** V8's sampled profiles, summed up by what the time is spent on: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/ */

export interface CpuProfile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string };
    children?: number[];
  }[];
  /** Node ids, a sample each. */
  samples?: number[];
  /** Microseconds before each sample. */
  timeDeltas?: number[];
}

export interface Share {
  what: string;
  seconds: number;
}

/** The first that matches; a frame that none matches counts to its caller's. */
const BY_URL: [what: string, url: RegExp][] = [
  ["closure serialisation", /@pulumi\/pulumi\/runtime\/closure\/|\/typescript\/lib\//],
  ["stack traces", /^node:internal\/errors\b|\/source-map-support\//],
  ["gRPC and its messages", /@grpc\/|google-protobuf|@pulumi\/pulumi\/proto\/|internal\/http2/],
  ["module loading", /^node:internal\/(modules|bootstrap|main)\b/],
  ["Pulumi's SDKs", /@pulumi(verse)?\//],
  ["sandbox", /\/sandbox\//],
  ["the project's own code", /\/(components|config|certificate|frontend|preflight|dynamic)\//],
];

const BY_FUNCTION: Record<string, string> = {
  "(garbage collector)": "garbage collection",
  "(idle)": "idle",
  "(program)": "native code",
  runMicrotasks: "promises",
};

/** Seconds by what they were spent on, the greatest first; the idle ones too. */
export function shares({ nodes, samples = [], timeDeltas = [] }: CpuProfile): Share[] {
  const kinds = kindsOf(nodes);
  const sums = new Map<string, number>();
  samples.forEach((id, index) => {
    const what = kinds.get(id) ?? "other";
    sums.set(what, (sums.get(what) ?? 0) + (timeDeltas[index] ?? 0) / 1e6);
  });
  return [...sums]
    .map(([what, seconds]) => ({ what, seconds }))
    .sort((a, b) => b.seconds - a.seconds);
}

function kindsOf(nodes: CpuProfile["nodes"]): Map<number, string> {
  const kinds = new Map<number, string>();
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const byId = new Map(nodes.map((node) => [node.id, node]));
  // Callers may come after what they call: each is asked for by way of its callers, without recursion.
  for (const { id } of nodes) {
    const path: number[] = [];
    let at: number | undefined = id;
    let kind: string | undefined;
    while (at !== undefined && kind === undefined) {
      path.push(at);
      kind = kinds.get(at) ?? ownKind(byId.get(at));
      at = parents.get(at);
    }
    for (const each of path) kinds.set(each, kind ?? "other");
  }
  return kinds;
}

function ownKind(node: CpuProfile["nodes"][number] | undefined): string | undefined {
  if (!node) return undefined;
  const { functionName, url } = node.callFrame;
  return BY_FUNCTION[functionName] ?? BY_URL.find(([, pattern]) => pattern.test(url))?.[0];
}
