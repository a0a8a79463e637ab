/**
 * What exists in the sandbox before the program runs: the platform of a team with four environments, each
 * with its own VPC, private network and cluster. The stack files of the project name these things.
 */

export interface Environment {
  /** The name of its VPC, private network, cluster and kube context. */
  name: string;
  /** IPv4 range of the private network. */
  subnet: string;
  /** Addresses of the cluster's nodes. */
  nodes: string[];
}

export const environments: Environment[] = [
  { name: "staging", subnet: "172.16.0.0/22", nodes: ["172.16.0.11", "172.16.0.12"] },
  { name: "preproduction", subnet: "172.16.4.0/22", nodes: ["172.16.4.11", "172.16.4.12"] },
  { name: "production", subnet: "172.16.8.0/22", nodes: ["172.16.8.11", "172.16.8.12"] },
  { name: "monitoring", subnet: "172.16.12.0/22", nodes: ["172.16.12.11", "172.16.12.12"] },
];

/** The DNS zones at Cloudflare that are the environments'. */
export const dnsZones = ["example.com", "example.net", "example.org"];

/** Another one of the account, on which the environments' token has no right. */
export const FOREIGN_ZONE = "example.edu";

export const namespace = "ops-tools";

/** The security tools, in every cluster: a Pod on each node, so that any node can serve. */
export const tools = ["test", "vault", "dashboard"];

/** The ports on which a tool listens: its web interface, and the plain one of the source documents. */
export const containerPorts = [80, 81];
