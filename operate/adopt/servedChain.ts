/** The chain that a load balancer serves: no API gives back what was uploaded. */
import type { X509Certificate } from "node:crypto";
import { type Environment, proxyFor, proxyVariable } from "../../dynamic/environment.ts";
import { inspect } from "../../frontend/handshake.ts";

export interface ServedChainOptions {
  address: string;
  port: number;
  /** Name of the private network of that address. */
  network: string;
  /** Of the certificate; a wildcard stands for any label. */
  name: string;
  env: Environment;
}

/** PEM, or why it could not be had. */
export async function servedChain({
  address,
  port,
  network,
  name,
  env,
}: ServedChainOptions): Promise<{ chain: string } | { chain?: never; trouble: string }> {
  const seen = await inspect({
    ...{ address, port },
    servername: name.replace(/^\*\./, "private-lb."),
    proxy: proxyFor(network, env),
    connectTimeout: 3000,
    tlsTimeout: 5000,
  });
  if (seen.kind === "served") return { chain: pemOf(seen.certificate) };
  if (seen.kind === "failed")
    return { trouble: `${address}:${port} gives no TLS handshake: ${seen.seen}` };
  const way = `run this inside the network ${network}, set ${proxyVariable(network)} to a proxy there, or give the file with --chain`;
  return { trouble: `${address}:${port} is not reachable from here (${seen.seen}): ${way}` };
}

/** The leaf first; a self-signed root names itself as its issuer. */
function pemOf(leaf: X509Certificate): string {
  const pems: string[] = [];
  for (let next: X509Certificate | undefined = leaf; next; next = next.issuerCertificate) {
    const pem = next.toString();
    if (pems.includes(pem)) break;
    pems.push(pem);
  }
  return pems.join("");
}
