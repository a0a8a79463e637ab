/** A load balancer in the network `staging`, with the API and the data plane behind it, for one test file. */
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { Lbv1 } from "@scaleway/sdk-lb";
import { scalewayClient } from "../../../dynamic/scaleway.ts";
import { CallLog } from "../../../sandbox/clouds/api.ts";
import { type ScalewayCloud, startScaleway } from "../../../sandbox/clouds/scaleway/index.ts";
import { type DataPlane, startDataPlane } from "../../../sandbox/dataplane/index.ts";
import { createAuthority } from "../../unit/scaleway/pki.ts";

export const ZONE = "fr-par-1";
export const UID = "0b6c7a52-95ce-4e0b-a1c9-3f6f0f6c2b11";
export const ADDRESS = "172.16.0.10";
const PROJECT = "22222222-2222-4222-8222-222222222222";

export interface Uploaded {
  id: string;
  serial: string;
}

export interface Frontend {
  id: string;
  /** Puts other certificates in place of those it holds. */
  swap(certificateIds: string[]): Promise<unknown>;
  remove(): Promise<void>;
}

export interface Balancer {
  log: CallLog;
  cloud: ScalewayCloud;
  plane: DataPlane;
  lbId: string;
  /** A new certificate for `domain`, on the load balancer. @param name there, `domain` by default */
  upload(domain: string, name?: string): Promise<Uploaded>;
  /** As the CCM does. */
  makeFrontend(uid: string, port: number, certificateIds: string[]): Promise<Frontend>;
  close(): Promise<void>;
}

/** Sets this process's environment as `.sandbox/env` does. */
export async function startBalancer(): Promise<Balancer> {
  const log = new CallLog();
  const cloud = await startScaleway({
    log,
    accessKey: "SCWXXXXXXXXXXXXXXXXX",
    secretKey: "11111111-1111-4111-8111-111111111111",
    projectId: PROJECT,
    organizationId: "33333333-3333-4333-8333-333333333333",
  });
  Object.assign(process.env, cloud.env());
  const api = new Lbv1.ZonedAPI(scalewayClient());
  const lbId = await makeLoadBalancer(api, cloud);
  const plane = await startDataPlane({
    scaleway: cloud,
    networks: ["staging"],
    resolve: async () => [],
    route: async () => ({ refused: "no node in this test" }),
  });
  const backendId = await makeBackend(api, lbId);
  const authority = await createAuthority();
  return {
    ...{ log, cloud, plane, lbId },
    async upload(domain, name = domain) {
      const { chainPem, privateKeyPem, serial } = await authority.issue([domain]);
      const customCertificate = { certificateChain: chainPem + privateKeyPem };
      const { id } = await api.createCertificate({ zone: ZONE, lbId, name, customCertificate });
      return { id, serial };
    },
    async makeFrontend(uid, port, certificateIds) {
      const fields = {
        zone: ZONE,
        name: `${uid}_tcp_${port}`,
        inboundPort: port,
        backendId,
        enableHttp3: false,
        enableAccessLogs: false,
      } as const;
      const { id } = await api.createFrontend({ ...fields, lbId, certificateIds });
      return {
        id,
        swap: (ids) => api.updateFrontend({ ...fields, frontendId: id, certificateIds: ids }),
        remove: () => api.deleteFrontend({ zone: ZONE, frontendId: id }),
      };
    },
    close: async () => {
      await plane.close();
      await cloud.close();
    },
  };
}

/** Attached to the network with the address `ADDRESS`. */
async function makeLoadBalancer(api: Lbv1.ZonedAPI, cloud: ScalewayCloud): Promise<string> {
  const network = cloud.addPrivateNetwork({
    name: "staging",
    vpcId: cloud.addVpc({ name: "staging" }).id,
    subnet: "172.16.0.0/22",
  });
  const { id: lbId } = await api.createLb({
    zone: ZONE,
    name: "private-lb-staging-test",
    description: "",
    type: "LB-S",
    assignFlexibleIp: false,
    assignFlexibleIpv6: false,
    ipIds: [],
    sslCompatibilityLevel: "ssl_compatibility_level_intermediate",
  });
  const { id: ipamId } = await new Ipamv1.API(scalewayClient()).bookIP({
    region: "fr-par",
    projectId: PROJECT,
    source: { privateNetworkId: network.id },
    isIpv6: false,
    address: ADDRESS,
    tags: [],
  });
  const ipamIds = [ipamId];
  await api.attachPrivateNetwork({ zone: ZONE, lbId, privateNetworkId: network.id, ipamIds });
  return lbId;
}

async function makeBackend(api: Lbv1.ZonedAPI, lbId: string): Promise<string> {
  const { id } = await api.createBackend({
    zone: ZONE,
    lbId,
    name: `${UID}_tcp_30443`,
    forwardProtocol: "http",
    forwardPort: 30443,
    forwardPortAlgorithm: "roundrobin",
    stickySessions: "none",
    stickySessionsCookieName: "",
    serverIp: [],
    healthCheck: { port: 30443, checkMaxRetries: 3, tcpConfig: {}, checkSendProxy: false },
  });
  return id;
}
