/** The demo server of a pod's port: it answers what it sees of a request, as JSON. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Pod } from "../types.ts";

export interface DemoServer {
  port: number;
  close(): Promise<void>;
}

async function listen(server: Server): Promise<DemoServer> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `source` is the address from which the pod sees the connection, which loopback cannot show. */
export function startDemoServer(
  pod: Pod,
  containerPort: number,
  source: string,
): Promise<DemoServer> {
  const { name, namespace, labels = {} } = pod.metadata;
  const server = createServer((request, response) => {
    request.resume();
    const body = {
      pod: name,
      namespace,
      node: pod.spec.nodeName,
      labels,
      port: containerPort,
      method: request.method,
      path: request.url,
      source,
      headers: request.headers,
    };
    response.writeHead(200, { "content-type": "application/json", "x-pod": name });
    response.end(`${JSON.stringify(body)}\n`);
  });
  return listen(server);
}

/** What kube-proxy answers on a Service's healthCheckNodePort. */
export function startHealthServer(
  service: { namespace: string; name: string },
  localEndpoints: () => number,
): Promise<DemoServer> {
  const server = createServer((request, response) => {
    request.resume();
    const count = localEndpoints();
    response.writeHead(count > 0 ? 200 : 503, {
      "content-type": "application/json",
      "x-load-balancing-endpoint-weight": String(count),
    });
    response.end(JSON.stringify({ service, localEndpoints: count, serviceProxyHealthy: true }));
  });
  return listen(server);
}
