import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kubernetesApi } from "../../../dynamic/kubernetes.ts";
import { createServerIdentity } from "../../../sandbox/acme/authority.ts";

const folder = mkdtempSync(path.join(tmpdir(), "private-lb-kubernetes-"));
const KUBECONFIG = path.join(folder, "kubeconfig");
const identity = await createServerIdentity("cluster");
const tokens: (string | undefined)[] = [];
let connections = 0;
const server = createServer(identity, (request, response) => {
  tokens.push(request.headers.authorization);
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ kind: "Namespace", metadata: { name: "ops-tools" } }));
}).on("secureConnection", () => {
  connections++;
});

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function useToken(token: string): void {
  const { port } = server.address() as AddressInfo;
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": Buffer.from(identity.ca).toString("base64"),
  };
  const config = {
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "c", user: "u" } }],
  };
  writeFileSync(KUBECONFIG, JSON.stringify(config));
}

const look = async () =>
  (await kubernetesApi("test", { KUBECONFIG })).readNamespace({ name: "ops-tools" });

test("requests one after the other share connections, whoever makes them", async () => {
  useToken("first");
  for (let i = 0; i < 8; i++) expect((await look()).metadata?.name).toBe("ops-tools");
  // The client may open another one before the first is free again.
  expect(connections).toBeLessThanOrEqual(2);
});

test("a kubeconfig with other credentials is used from the next request on", async () => {
  useToken("second");
  await look();
  expect(tokens.at(-1)).toBe("Bearer second");
});
