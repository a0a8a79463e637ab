/** An endpoint as a team leaves it that has followed the guide of the script: clicks, kubectl, certbot, and the script. */
import { CoreV1Api, KubeConfig, NetworkingV1Api, type V1Service } from "@kubernetes/client-node";
import { createClient } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { scalewaySettings } from "../../dynamic/environment.ts";
import { poll } from "../../dynamic/poll.ts";
import { issueBare } from "../../sandbox/client/bareIssuance.ts";
import type { World } from "../../sandbox/world/startWorld.ts";

const ZONE = "fr-par-1";
const SCALEWAY = "service.beta.kubernetes.io/scw-loadbalancer-";
const ENVIRONMENT = "staging";
const DNS_ZONE = "example.net";

export interface Handmade {
  domain: string;
  loadBalancerId: string;
  certificateId: string;
  certificateName: string;
  /** PEM. */
  chain: string;
  /** PEM, which adoption never sees. */
  privateKey: string;
  address: string;
  /** In the further network, if there is one. */
  peerAddress: string | undefined;
  serviceUid: string;
  recordIds: string[];
  frontendId: string;
}

export interface HandmadeOptions {
  domain: string;
  /** Name of the load balancer. */
  name: string;
  /** Whether the frontend got the domain's name, as the guide says. */
  renamed: boolean;
  /** A further network with a name of its own there. */
  peer?: { network: string; domain: string };
  profile?: string;
  /** Puts it beside another one onto that one's load balancer, at a port of its own. */
  beside?: { loadBalancerId: string; port: number };
  /** Whether the pods have a NetworkPolicy by the Service's name already, which admits this range. */
  admits?: string;
}

export async function makeByHand(world: World, options: HandmadeOptions): Promise<Handmade> {
  const { domain, peer, beside } = options;
  const port = beside?.port ?? 443;
  const lb = new Lbv1.ZonedAPI(createClient(scalewaySettings(world.env)));
  const zone = ZONE;
  const lbId = beside?.loadBalancerId ?? (await makeBalancer(world, lb, options));
  const service = await applyService(world, { domain, lbId, port }, options.renamed);
  const uid = service.metadata?.uid ?? "";
  if (options.admits) await applyPolicy(world, service, options.admits);
  const frontend = await settled(async () => {
    const { frontends } = await lb.listFrontends({ zone, lbId });
    return frontends.find((each) => each.name === `${uid}_tcp_${port}`);
  });
  const names = [domain, ...(peer ? [peer.domain] : [])];
  const { chain, privateKey } = await issueBare({
    ...{ directoryUrl: world.acme.directoryUrl, ca: world.acme.caPem, names },
    cloudflare: { ...world.cloudflare, zoneId: world.cloudflare.zoneId(DNS_ZONE) },
    profile: options.profile ?? "classic",
  });
  const certificateName = `${domain}-${new Date().toISOString().slice(0, 10)}`;
  const { id: certificateId } = await lb.createCertificate({
    ...{ zone, lbId, name: certificateName },
    customCertificate: { certificateChain: `${chain.trim()}\n${privateKey.trim()}\n` },
  });
  await settled(async () => {
    const { status } = await lb.getCertificate({ zone, certificateId });
    return status === "ready" || undefined;
  });
  await world.ccm(ENVIRONMENT).idle();
  await lb.updateFrontend({
    ...{ zone, frontendId: frontend.id, name: options.renamed ? domain : frontend.name },
    ...{
      inboundPort: port,
      backendId: frontend.backend?.id ?? "",
      certificateIds: [certificateId],
    },
    ...{ enableHttp3: true, enableAccessLogs: false, timeoutClient: "600s" },
  });
  const at = (network: string) =>
    world.scaleway
      .loadBalancers()
      .find(({ id }) => id === lbId)
      ?.privateNetworks.find((each) => each.name === network)?.addresses[0] ?? "";
  const address = at(ENVIRONMENT);
  const peerAddress = peer && at(peer.network);
  const recordIds = [await addRecord(world, domain, address)];
  if (peer) recordIds.push(await addRecord(world, peer.domain, peerAddress ?? ""));
  return {
    ...{ domain, loadBalancerId: lbId, certificateId, certificateName, chain, privateKey },
    address,
    ...{ peerAddress, serviceUid: uid, recordIds, frontendId: frontend.id },
  };
}

async function makeBalancer(
  world: World,
  lb: Lbv1.ZonedAPI,
  { name, peer }: HandmadeOptions,
): Promise<string> {
  const zone = ZONE;
  const { id: lbId } = await lb.createLb({
    ...{ zone, name, description: "", type: "lb-s", assignFlexibleIp: false, ipIds: [] },
    projectId: world.env["SCW_DEFAULT_PROJECT_ID"] ?? "",
  });
  await lb.waitForLb({ zone, lbId });
  const networks = [ENVIRONMENT, ...(peer ? [peer.network] : [])];
  for (const network of networks) {
    const privateNetworkId = networkId(world, network);
    await lb.attachPrivateNetwork({ zone, lbId, privateNetworkId, ipamIds: [] });
  }
  return lbId;
}

function networkId({ scaleway }: World, name: string): string {
  const found = scaleway.inventory().privateNetworks.find((each) => each.name === name);
  if (!found) throw new Error(`no network ${name}`);
  return found.id;
}

/**
 * @param byTheGuide without the annotation `-private`, which the guide does not name: the CCM then finds no address
 *   and syncs again and again, each time taking from a frontend of its own what was attached by hand.
 */
async function applyService(
  world: World,
  { domain, lbId, port }: { domain: string; lbId: string; port: number },
  byTheGuide: boolean,
): Promise<V1Service> {
  const label = domain.split(".", 1)[0] ?? "";
  const selector = { "app.kubernetes.io/name": "test" };
  const body = {
    metadata: {
      name: `${label}-lb-private`,
      namespace: "ops-tools",
      labels: { ...selector, team: "security" },
      annotations: {
        [`${SCALEWAY}externally-managed`]: "true",
        [`${SCALEWAY}id`]: `${ZONE}/${lbId}`,
        [`${SCALEWAY}zone`]: ZONE,
        ...(!byTheGuide && { [`${SCALEWAY}private`]: "true" }),
      },
    },
    spec: {
      type: "LoadBalancer",
      selector,
      ports: [
        { name: "https", port, targetPort: 80, protocol: "TCP" },
        ...(port === 443 ? [{ name: "test", port: 81, targetPort: 81, protocol: "TCP" }] : []),
      ],
    },
  };
  return await coreApi(world).createNamespacedService({
    ...{ namespace: "ops-tools", body, fieldManager: "kubectl-client-side-apply" },
  });
}

async function applyPolicy(world: World, { metadata, spec }: V1Service, cidr: string) {
  const body = {
    metadata: { name: metadata?.name ?? "", labels: { team: "security" } },
    spec: {
      podSelector: { matchLabels: spec?.selector ?? {} },
      policyTypes: ["Ingress"],
      ingress: [{ _from: [{ ipBlock: { cidr } }] }],
    },
  };
  await networkingApi(world).createNamespacedNetworkPolicy({
    ...{ namespace: "ops-tools", body, fieldManager: "kubectl-client-side-apply" },
  });
}

export const coreApi = (world: World) => administration(world).makeApiClient(CoreV1Api);
export const networkingApi = (world: World) => administration(world).makeApiClient(NetworkingV1Api);

function administration(world: World): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(world.env["PRIVATE_LB_ADMIN_KUBECONFIG"] ?? "");
  config.setCurrentContext(ENVIRONMENT);
  return config;
}

async function addRecord({ cloudflare }: World, name: string, content: string): Promise<string> {
  const zone = cloudflare.zoneId(DNS_ZONE);
  const answer = await fetch(`${cloudflare.url}/zones/${zone}/dns_records`, {
    method: "POST",
    headers: { authorization: `Bearer ${cloudflare.token}`, "content-type": "application/json" },
    body: JSON.stringify({ type: "A", name, content, ttl: 300, proxied: false }),
  });
  const { result } = (await answer.json()) as { result: { id: string } };
  return result.id;
}

async function settled<T>(probe: () => Promise<T | undefined>): Promise<T> {
  const found = await poll(probe, { first: 20, max: 200, timeout: 10_000 });
  if (found === undefined) throw new Error("it did not settle within 10 s");
  return found;
}
