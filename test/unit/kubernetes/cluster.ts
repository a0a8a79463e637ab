/** A cluster of a test's own, with the official client and raw requests. */
import { once } from "node:events";
import { request } from "node:https";
import { CoreV1Api, KubeConfig, NetworkingV1Api } from "@kubernetes/client-node";
import { CallLog } from "../../../sandbox/clouds/api.ts";
import {
  type Cluster,
  type Identity,
  startKubernetes,
} from "../../../sandbox/clouds/kubernetes/index.ts";
import type { JsonObject, KubeObject } from "../../../sandbox/clouds/kubernetes/types.ts";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes.
  body: any;
}

export interface Asked {
  body?: unknown;
  headers?: Record<string, string>;
  token?: string | null;
}

export interface TestCluster {
  cluster: Cluster;
  core: CoreV1Api;
  networking: NetworkingV1Api;
  config: KubeConfig;
  raw(method: string, path: string, asked?: Asked): Promise<Answer>;
  /** A merge patch. */
  patch(path: string, body: unknown): Promise<Answer>;
  /** Server-side apply. */
  apply(path: string, body: unknown, manager: string, query?: string): Promise<Answer>;
  /** A watch; `next` gives its events one by one, `undefined` after the last. */
  watch(path: string): Promise<{ next(): Promise<WatchEvent | undefined>; close(): void }>;
  close(): Promise<void>;
}

export interface WatchEvent {
  type: string;
  object: KubeObject & JsonObject;
}

export const NODES = [
  { name: "node-1", address: "172.16.0.11", providerId: "scaleway://instance/fr-par-1/1" },
  { name: "node-2", address: "172.16.0.12", providerId: "scaleway://instance/fr-par-1/2" },
];

/** For `startCluster`: the token `reader` may read Services. */
export const READER: Record<string, Identity> = {
  reader: {
    user: "reader",
    rules: [{ apiGroups: [""], resources: ["services"], verbs: ["get", "list", "watch"] }],
  },
};

export async function startCluster(tokens: Record<string, Identity> = {}): Promise<TestCluster> {
  const log = new CallLog();
  const cluster = await startKubernetes({
    name: "test",
    log,
    nodes: NODES,
    namespaces: ["ops-tools"],
    tokens,
  });
  const config = new KubeConfig();
  config.loadFromString(JSON.stringify(cluster.kubeconfig()));
  const open = (method: string, path: string, { body, headers = {}, token }: Asked = {}) => {
    const authorization =
      token === null ? {} : { authorization: `Bearer ${token ?? cluster.token}` };
    const text = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body) ?? "");
    const sent = request(cluster.url + path, {
      method,
      ca: cluster.caPem,
      headers: {
        "content-type": "application/json",
        "content-length": text.length,
        ...authorization,
        ...headers,
      },
    });
    sent.end(text);
    return sent;
  };
  const raw: TestCluster["raw"] = async (method, path, asked) => {
    const [response] = await once(open(method, path, asked), "response");
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const isJson = String(response.headers["content-type"]).startsWith("application/json");
    const { statusCode: status, headers } = response;
    return { status, headers, text, body: isJson && text ? JSON.parse(text) : undefined };
  };
  return {
    cluster,
    config,
    core: config.makeApiClient(CoreV1Api),
    networking: config.makeApiClient(NetworkingV1Api),
    raw,
    patch: (path, body) =>
      raw("PATCH", path, { body, headers: { "content-type": "application/merge-patch+json" } }),
    apply: (path, body, manager, query = "") =>
      raw("PATCH", `${path}?fieldManager=${manager}${query}`, {
        body,
        headers: { "content-type": "application/apply-patch+yaml" },
      }),
    watch: async (path) => {
      const sent = open("GET", path);
      const [response] = await once(sent, "response");
      const lines = readLines(response);
      return {
        next: async () => {
          const { value } = await lines.next();
          return value === undefined ? undefined : (JSON.parse(value) as WatchEvent);
        },
        close: () => {
          sent.on("error", () => {});
          sent.destroy();
        },
      };
    },
    close: () => cluster.close(),
  };
}

async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Waits for something that controllers bring about; fails with what was seen last. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  found: (seen: T) => boolean,
  timeout = 10_000,
): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const seen = await look();
    if (found(seen)) return seen;
    if (Date.now() > end) throw new Error(`not seen in ${timeout} ms: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function service(
  name: string,
  spec: JsonObject = {},
  metadata: JsonObject = {},
): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, ...metadata },
    spec: { ports: [{ name: "https", port: 443, targetPort: 80 }], ...spec },
  } as unknown as KubeObject;
}

export const configMap = (name: string, metadata: JsonObject = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...metadata },
  data: { a: "1" },
});

export const NAMESPACES = "/api/v1/namespaces";
export const SERVICES = `${NAMESPACES}/ops-tools/services`;
export const CONFIGMAPS = `${NAMESPACES}/ops-tools/configmaps`;
