/** What a stack's state says of each endpoint, for comparing it with what the clouds hold. */
import { bareId } from "../../frontend/bareId.ts";
import * as state from "../../operate/deployed.ts";
import type { StackRunner } from "../../operate/stackRunner.ts";

export interface DeployedEndpoint {
  domain: string;
  /** Of HTTPS, on the load balancer. */
  port: number;
  /** Bare ids, as the APIs give them. */
  loadBalancerId: string;
  certificateId: string;
  serviceUid: string;
  /** Lower-case hexadecimal. */
  serial: string;
  /** By the name of the private network. */
  addresses: Record<string, string>;
}

/** The endpoints in the order of their domains. @throws Error where a run has left one unfinished */
export async function deployedEndpoints(runner: StackRunner): Promise<DeployedEndpoint[]> {
  const { endpoints } = await state.deployed(runner);
  return endpoints.map(whole);
}

function whole(endpoint: state.DeployedEndpoint): DeployedEndpoint {
  const { domain, port, loadBalancer, installedId, service, networks } = endpoint;
  const certificate = endpoint.certificate ?? endpoint.served;
  if (!loadBalancer || !installedId || !service || !certificate)
    throw new Error(`the state has no whole endpoint ${domain}: ${JSON.stringify(endpoint)}`);
  return {
    domain,
    port,
    loadBalancerId: bareId(loadBalancer.id),
    certificateId: bareId(installedId),
    serviceUid: service.uid,
    serial: certificate.serial,
    addresses: Object.fromEntries(networks.map(({ name, address }) => [name, address])),
  };
}
