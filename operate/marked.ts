/** What the vendors have of an endpoint: load balancer, addresses and certificates, records, Service and policy. */
import type { Region, Zone } from "@scaleway/sdk-client";
import { isCertificateName, regionOf } from "../config/naming.ts";
import type { Environment } from "../dynamic/environment.ts";
import type { PreflightInputs } from "../preflight/provider.ts";
import { type Found, quoted } from "./leftovers.ts";
import { ON_BALANCER, SERVICE } from "./renewalGuard.ts";

/** @throws Error with the vendor's words */
export async function marked(endpoint: PreflightInputs, env: Environment): Promise<Found[]> {
  const looks = [inCluster, records, atScaleway].map((look) => look(endpoint, env));
  const found = await Promise.all(looks);
  return found.flat();
}

/** Of an endpoint that shares a load balancer only its certificates: the rest is found by that one's preflight. */
async function atScaleway(
  { zone: place, tags, domain, loadBalancer }: PreflightInputs,
  env: Environment,
): Promise<Found[]> {
  const [{ Lbv1 }, { Ipamv1 }, { scalewayClient }] = await Promise.all([
    import("@scaleway/sdk-lb"),
    import("@scaleway/sdk-ipam"),
    import("../dynamic/scaleway.ts"),
  ]);
  const [zone, region] = [place as Zone, regionOf(place) as Region];
  const client = scalewayClient(env);
  const api = new Lbv1.ZonedAPI(client);
  const isMarked = (each: { tags: string[] }) => tags.every((tag) => each.tags.includes(tag));
  const [balancers, addresses] = await Promise.all([
    api.listLbs({ zone }).all(),
    new Ipamv1.API(client).listIPs({ region }).all(),
  ]);
  const own = balancers.filter(isMarked);
  const certificates = await Promise.all(
    own.map(({ id: lbId }) => api.listCertificates({ zone, lbId }).all()),
  );
  return [
    ...certificates.flat().flatMap(({ id, name }) =>
      isCertificateName(domain, name)
        ? [
            {
              ...{
                kind: "load balancer certificate",
                type: ON_BALANCER,
                name,
                id: `${zone}/${id}`,
              },
              remove: scaleway(`/lb/v1/zones/${zone}/certificates/${id}`),
            },
          ]
        : [],
    ),
    ...(loadBalancer === undefined ? [] : own).map(({ id, name }) => ({
      ...{ kind: "load balancer", type: LOAD_BALANCER, name, id: `${zone}/${id}` },
      remove: scaleway(`/lb/v1/zones/${zone}/lbs/${id}?release_ip=false`),
    })),
    ...(loadBalancer === undefined ? [] : addresses.filter(isMarked)).map(({ id, address }) => ({
      ...{ kind: "reserved address", type: IP, name: address, id: `${region}/${id}` },
      remove: scaleway(`/ipam/v1/regions/${region}/ips/${id}`),
    })),
  ];
}

const LOAD_BALANCER = "scaleway:loadbalancers/loadBalancer:LoadBalancer";
const IP = "scaleway:ipam/ip:Ip";
const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

/** The key is read by curl itself: in its arguments everybody on the machine would see it. */
function scaleway(path: string): string {
  const url = `"\${SCW_API_URL:-https://api.scaleway.com}${path}"`;
  return `curl -fsS -X DELETE -H @- ${url} <<< "X-Auth-Token: $SCW_SECRET_KEY"`;
}

async function records(
  { records: places, owner }: PreflightInputs,
  env: Environment,
): Promise<Found[]> {
  const { cloudflareClient } = await import("../dynamic/cloudflare.ts");
  const client = cloudflareClient(env);
  const found: Found[] = [];
  for (const { name, zoneId } of places)
    for await (const { id, type, content, comment } of client.dns.records.list({
      zone_id: zoneId,
      name: { exact: name },
    }))
      if (id && comment?.startsWith(`${owner}: `))
        found.push({
          ...{ kind: "DNS record", type: RECORD, name: `${type} ${name} ${content}`, id },
          remove: `curl -fsS -X DELETE -H @- "\${CLOUDFLARE_BASE_URL:-https://api.cloudflare.com/client/v4}/zones/${zoneId}/dns_records/${id}" <<< "Authorization: Bearer $CLOUDFLARE_API_TOKEN"`,
        });
  return found;
}

/** No mark is needed here: the preflight was saved when there was no such Service yet, or names it as taken over. */
async function inCluster({ service }: PreflightInputs, env: Environment): Promise<Found[]> {
  if (!service) return [];
  const { kubeContext, namespace, serviceName: name } = service;
  const kinds = [
    { kind: "Service", type: SERVICE },
    { kind: "NetworkPolicy", type: POLICY },
  ];
  const [{ kubernetesConfig, refusalOf }, { CoreV1Api, NetworkingV1Api }] = await Promise.all([
    import("../dynamic/kubernetes.ts"),
    import("@kubernetes/client-node"),
  ]);
  const config = await kubernetesConfig(kubeContext, env);
  const place = { namespace, name };
  const requests = [
    config.makeApiClient(CoreV1Api).readNamespacedService(place),
    config.makeApiClient(NetworkingV1Api).readNamespacedNetworkPolicy(place),
  ];
  const isThere = await Promise.all(
    requests.map(async (request) => {
      try {
        return Boolean(await request);
      } catch (error) {
        const { code, message } = refusalOf(error);
        if (code === 404) return false;
        throw new Error(`the cluster of the context ${kubeContext}: ${message}`, { cause: error });
      }
    }),
  );
  return kinds
    .filter((_, index) => isThere[index])
    .map((each) => ({
      ...{ ...each, name: `${namespace}/${name}`, id: `${namespace}/${name}` },
      remove: `kubectl --context ${quoted(kubeContext)} --namespace ${namespace} delete ${each.kind.toLowerCase()} ${name}`,
    }));
}
