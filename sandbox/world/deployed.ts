/** What a stack's state says of each endpoint, for comparing it with what the clouds hold. */
import type { StackRunner } from "../../operate/stackRunner.ts";

export interface DeployedEndpoint {
  domain: string;
  /** Bare ids, as the APIs give them. */
  loadBalancerId: string;
  certificateId: string;
  serviceUid: string;
  /** Lower-case hexadecimal. */
  serial: string;
  /** By the name of the private network. */
  addresses: Record<string, string>;
}

interface Resource {
  urn: string;
  type: string;
  id?: string;
  parent?: string;
  outputs?: Record<string, unknown>;
  delete?: boolean;
}

const ENDPOINT = "private-lb:index:PrivateEndpoint";

/** The endpoints in the order of their domains. */
export async function deployedEndpoints(runner: StackRunner): Promise<DeployedEndpoint[]> {
  const { deployment } = await runner.exportState({ showSecrets: true });
  const { resources = [] } = deployment as { resources?: Resource[] };
  return resources
    .filter(({ type }) => type === ENDPOINT)
    .map((endpoint) => describe(endpoint, resources))
    .toSorted((a, b) => a.domain.localeCompare(b.domain));
}

function describe(endpoint: Resource, resources: Resource[]): DeployedEndpoint {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const isBelow = ({ parent }: Resource): boolean => {
    const above = parent === undefined ? undefined : byUrn.get(parent);
    return above !== undefined && (above === endpoint || isBelow(above));
  };
  const only = (type: string): Resource => {
    const found = resources.find((each) => each.type === type && !each.delete && isBelow(each));
    if (!found) throw new Error(`the state has no ${type} of ${endpoint.urn}`);
    return found;
  };
  const { metadata } = only("kubernetes:core/v1:Service").outputs as { metadata: { uid: string } };
  const outputs = endpoint.outputs as { serial: string; addresses: Record<string, string> };
  return {
    domain: endpoint.urn.split("::").at(-1) ?? "",
    loadBalancerId: bare(only("scaleway:loadbalancers/loadBalancer:LoadBalancer").id),
    certificateId: bare(only("scaleway:loadbalancers/certificate:Certificate").id),
    serviceUid: metadata.uid,
    serial: outputs.serial,
    addresses: outputs.addresses,
  };
}

function bare(id = ""): string {
  return id.split("/").at(-1) ?? "";
}
