/** What hands do to an endpoint of an estate, past its stack. */
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { Lbv1 } from "@scaleway/sdk-lb";
import { cloudflareClient } from "../../../dynamic/cloudflare.ts";
import { scalewayClient } from "../../../dynamic/scaleway.ts";
import type { DeployedEndpoint } from "../../world/deployed.ts";
import { namespace } from "../../world/fixtures.ts";
import { addressRecords, type Estate, STACK, ZONE } from "../estate.ts";

const zone = "fr-par-1";
const balancers = ({ world }: Estate) => new Lbv1.ZonedAPI(scalewayClient(world.env));

export function deleteRecord(estate: Estate, { domain }: DeployedEndpoint): void {
  for (const { id } of addressRecords(estate, labelOf(domain)))
    estate.world.cloudflare.removeRecord(ZONE, id);
}

/** The record itself stays. */
export async function moveRecord(estate: Estate, { domain }: DeployedEndpoint): Promise<void> {
  const { env, cloudflare } = estate.world;
  const client = cloudflareClient(env);
  for (const { id } of addressRecords(estate, labelOf(domain)))
    await client.dns.records.edit(id, {
      ...{ zone_id: cloudflare.zoneId(ZONE), type: "A", name: domain, ttl: 1 },
      content: "172.16.0.250",
    });
}

function services({ world }: Estate): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromFile(world.env["KUBECONFIG"] ?? "");
  config.setCurrentContext(STACK);
  return config.makeApiClient(CoreV1Api);
}

export const deleteService = (estate: Estate, { domain }: DeployedEndpoint) =>
  services(estate).deleteNamespacedService({ namespace, name: serviceOf(domain) });

/** Its annotation of the certificate. */
export async function editService(estate: Estate, { domain }: DeployedEndpoint): Promise<void> {
  const api = services(estate);
  const place = { namespace, name: serviceOf(domain) };
  const body = await api.readNamespacedService(place);
  const annotations = body.metadata?.annotations ?? {};
  for (const key of Object.keys(annotations))
    if (key.endsWith("certificate-ids")) delete annotations[key];
  await api.replaceNamespacedService({ ...place, body });
}

export async function detach(estate: Estate, { loadBalancerId: lbId }: DeployedEndpoint) {
  const api = balancers(estate);
  const { privateNetwork } = await api.listLbPrivateNetworks({ zone, lbId });
  for (const { privateNetworkId } of privateNetwork)
    await api.detachPrivateNetwork({ zone, lbId, privateNetworkId });
}

/** From the frontend first, which refuses to let go of it otherwise. */
export async function deleteCertificate(
  estate: Estate,
  { loadBalancerId: lbId, certificateId }: DeployedEndpoint,
): Promise<void> {
  const api = balancers(estate);
  const { frontends } = await api.listFrontends({ zone, lbId });
  for (const { id: frontendId, backend, ...frontend } of frontends)
    await api.updateFrontend({
      ...{ zone, frontendId, name: frontend.name, inboundPort: frontend.inboundPort },
      ...{ backendId: backend?.id ?? "", enableHttp3: frontend.enableHttp3, certificateIds: [] },
    });
  await api.deleteCertificate({ zone, certificateId });
}

const labelOf = (domain: string) => domain.slice(0, -ZONE.length - 1);
const serviceOf = (domain: string) => `${labelOf(domain)}-lb-private`;
