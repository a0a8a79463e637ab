/** One endpoint at clouds of the sandbox, made by hand, whose answers a test spoils. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createClient } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { ownerName, tags } from "../../../config/naming.ts";
import type { Environment } from "../../../dynamic/environment.ts";
import type { PreflightInputs } from "../../../preflight/provider.ts";
import { type Cloudflare, startCloudflare } from "../../../sandbox/clouds/cloudflare/server.ts";
import type { Interceptor } from "../../../sandbox/clouds/interceptors.ts";
import { SERVICES, service, startCluster } from "../kubernetes/cluster.ts";
import { startCloud } from "../scaleway/cloud.ts";
import { createAuthority } from "../scaleway/pki.ts";

export const DOMAIN = "test.example.com";
const ZONE = "example.com";
const BALANCER = "private-lb-prod-test";
const SCALEWAY = "service.beta.kubernetes.io/scw-loadbalancer-";

export interface Estate {
  env: Environment;
  /** As the state has it. */
  endpoint: PreflightInputs;
  loadBalancerId: string;
  /** Served, and one beside it that nothing serves. */
  certificateIds: [served: string, unused: string];
  serviceUid: string;
  address: string;
  /** Asked before an answer goes out. */
  intercept(interceptor: Interceptor): () => void;
  close(): Promise<void>;
}

/** @param isMarked whether the load balancer has the marks of the stack `prod`; else adoption may take it */
export async function startEstate({ isMarked = true } = {}): Promise<Estate> {
  const folder = mkdtempSync(path.join(tmpdir(), "private-lb-hostile-"));
  const [scaleway, cluster] = await Promise.all([startCloud(), startCluster()]);
  const cloudflare = await startCloudflare({ log: scaleway.log, zones: [ZONE] });
  const { cloud } = scaleway;
  const kubeconfig = path.join(folder, "kubeconfig");
  writeFileSync(kubeconfig, JSON.stringify(cluster.cluster.kubeconfig()), { mode: 0o600 });
  // It takes no tunnel: the addresses count as not reachable from here, and are not dialled.
  const proxies = { PRIVATE_LB_PROXY_PROD: cloud.url };
  const env = { ...cloud.env(), ...cloudflare.env(), KUBECONFIG: kubeconfig, ...proxies };
  const networkId = scaleway.newNetwork("prod", "172.16.0.0/22");
  const url = cluster.cluster.url;
  cloud.addCluster({
    ...{ name: "prod", zone: "fr-par-1", url, size: 2 },
    privateNetworkId: networkId,
  });
  const owner = { project: "private-lb", stack: "prod" };
  const marks = tags(owner, "prod", DOMAIN);
  const balancer = await makeBalancer(env, isMarked ? marks : [], networkId, scaleway.ipam);
  const annotations = {
    [`${SCALEWAY}id`]: `fr-par-1/${balancer.id}`,
    [`${SCALEWAY}private`]: "true",
  };
  const spec = { type: "LoadBalancer", selector: { app: "test" } };
  const { body } = await cluster.raw("POST", SERVICES, {
    body: service("test", spec, { annotations }),
  });
  const serviceUid = body.metadata.uid;
  const certificateIds = await makeFrontend(env, balancer.id, `${serviceUid}_tcp_443`);
  const comment = `${ownerName(owner)}: ${BALANCER}`;
  const { address } = balancer;
  cloudflare.addRecord(ZONE, { type: "A", name: DOMAIN, content: address, comment });
  return {
    ...{ env, certificateIds, serviceUid, address, loadBalancerId: balancer.id },
    endpoint: {
      ...{ domain: DOMAIN, zone: "fr-par-1", loadBalancer: BALANCER, tags: marks },
      records: [{ name: DOMAIN, zoneId: cloudflare.zoneId(ZONE) }],
      owner: ownerName(owner),
      addresses: [{ region: "fr-par", network: "prod", networkId, address }],
      service: { kubeContext: "test", namespace: "ops-tools", serviceName: "test" },
    },
    intercept: (interceptor) => everywhere([cloud, cloudflare, cluster.cluster], interceptor),
    async close() {
      await Promise.all([cloud.close(), cloudflare.close(), cluster.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

const everywhere = (
  apis: Pick<Cloudflare, "intercept">[],
  interceptor: Interceptor,
): (() => void) => {
  const removals = apis.map(({ intercept }) => intercept(interceptor, "done"));
  return () => {
    for (const remove of removals) remove();
  };
};

function balancers({ SCW_API_URL: apiURL, ...env }: Environment): Lbv1.ZonedAPI {
  const [accessKey, secretKey] = [env["SCW_ACCESS_KEY"] ?? "", env["SCW_SECRET_KEY"] ?? ""];
  const project = { defaultProjectId: env["SCW_DEFAULT_PROJECT_ID"] ?? "" };
  const place = { defaultZone: "fr-par-1" as const };
  return new Lbv1.ZonedAPI(
    createClient({ apiURL: apiURL ?? "", accessKey, secretKey, ...project, ...place }),
  );
}

async function makeBalancer(
  env: Environment,
  marks: string[],
  privateNetworkId: string,
  ipam: Awaited<ReturnType<typeof startCloud>>["ipam"],
): Promise<{ id: string; address: string }> {
  const api = balancers(env);
  const settings = { description: "", type: "LB-S", assignFlexibleIp: false, ipIds: [] };
  const { id: lbId } = await api.createLb({ name: BALANCER, tags: marks, ...settings });
  await api.waitForLb({ lbId });
  const source = { privateNetworkId };
  const booked = await ipam.bookIP({ source, isIpv6: false, tags: marks });
  await api.attachPrivateNetwork({ lbId, privateNetworkId, ipamIds: [booked.id] });
  return { id: lbId, address: booked.address.split("/", 1)[0] ?? "" };
}

/** Two certificates, as a failed run leaves them, and a frontend with the first. */
async function makeFrontend(
  env: Environment,
  lbId: string,
  name: string,
): Promise<[string, string]> {
  const api = balancers(env);
  const issued = await (await createAuthority()).issue([DOMAIN]);
  const certificateChain = issued.chainPem + issued.privateKeyPem;
  const upload = (name: string) =>
    api.createCertificate({ lbId, name, customCertificate: { certificateChain } });
  const { id: served } = await upload(`${DOMAIN}-2026-01-01-0a`);
  const { id: unused } = await upload(`${DOMAIN}-2026-01-01-0b`);
  const backend = await api.createBackend({
    ...{ lbId, name: "b", forwardProtocol: "http", forwardPort: 30_080, serverIp: [] },
    ...{ forwardPortAlgorithm: "roundrobin", stickySessions: "none", stickySessionsCookieName: "" },
    healthCheck: { port: 30_080, checkMaxRetries: 1, checkSendProxy: false },
  });
  await api.createFrontend({
    ...{ lbId, name, inboundPort: 443, backendId: backend.id, certificateIds: [served] },
    ...{ enableHttp3: false, enableAccessLogs: false },
  });
  return [served, unused];
}
