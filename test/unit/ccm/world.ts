/** A cluster, a Scaleway and a CCM of a test's own, with one ready private load balancer. */

import type { CoreV1Event, V1Service } from "@kubernetes/client-node";
import { createClient } from "@scaleway/sdk-client";
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { Lbv1 } from "@scaleway/sdk-lb";
import { type Ccm, type CcmOptions, startCcm } from "../../../sandbox/ccm/index.ts";
import { type ApiCall, CallLog } from "../../../sandbox/clouds/api.ts";
import { startScaleway } from "../../../sandbox/clouds/scaleway/index.ts";
import { eventually, startCluster, type TestCluster } from "../kubernetes/cluster.ts";
import { createAuthority } from "../scaleway/pki.ts";

const OWNER = {
  accessKey: "SCWXXXXXXXXXXXXXXXXX",
  secretKey: "11111111-1111-4111-8111-111111111111",
  projectId: "22222222-2222-4222-8222-222222222222",
  organizationId: "33333333-3333-4333-8333-333333333333",
};
export const NAMESPACE = "ops-tools";
const PREFIX = "service.beta.kubernetes.io/scw-loadbalancer-";
export const CLUSTER_ID = "k8s-cluster-";

export type Annotations = Record<string, string | null>;

export interface World {
  ccm: Ccm;
  /** What a client of Scaleway's API needs in its environment. */
  env: Record<string, string>;
  k8s: TestCluster;
  lb: Lbv1.ZonedAPI;
  ipam: Ipamv1.API;
  networkId: string;
  otherNetworkId: string;
  balancer: Lbv1.Lb;
  /** Of the balancer in the cluster's network. */
  addressId: string;
  newBalancer(name: string): Promise<Lbv1.Lb>;
  /** A certificate on a load balancer. */
  certificate(lbId?: string): Promise<string>;
  /** A Service on the balancer, synced; annotations without their common prefix. */
  service(name: string, annotations?: Annotations, spec?: V1Service["spec"]): Promise<V1Service>;
  annotate(name: string, annotations: Annotations): Promise<void>;
  read(name: string): Promise<V1Service | undefined>;
  frontends(lbId?: string): Promise<Lbv1.Frontend[]>;
  backends(): Promise<Lbv1.Backend[]>;
  events(name: string): Promise<CoreV1Event[]>;
  /** Calls of the CCM to Scaleway that change something, since the last look. */
  writes(): string[];
  /** Removes a Service, its foreign frontends and backends. */
  clean(): Promise<void>;
  close(): Promise<void>;
}

export async function startWorld(options: Partial<CcmOptions> = {}): Promise<World> {
  const log = new CallLog();
  const calls: ApiCall[] = [];
  log.onCall((call) => {
    if (call.method !== "GET" && call.client?.startsWith("scaleway/ccm")) calls.push(call);
  });
  const scaleway = await startScaleway({ log, ...OWNER });
  const vpc = scaleway.addVpc({ name: "test" });
  const network = scaleway.addPrivateNetwork({
    name: "test",
    vpcId: vpc.id,
    subnet: "172.16.0.0/22",
  });
  const other = scaleway.addPrivateNetwork({
    name: "other",
    vpcId: vpc.id,
    subnet: "172.16.4.0/22",
  });
  const client = createClient({
    apiURL: scaleway.url,
    accessKey: OWNER.accessKey,
    secretKey: OWNER.secretKey,
    defaultProjectId: OWNER.projectId,
    defaultRegion: "fr-par",
    defaultZone: "fr-par-1",
  });
  const [lb, ipam] = [new Lbv1.ZonedAPI(client), new Ipamv1.API(client)];
  const newBalancer = async (name: string) => {
    const { id } = await lb.createLb({
      name,
      description: "",
      type: "LB-S",
      assignFlexibleIp: false,
      sslCompatibilityLevel: "ssl_compatibility_level_intermediate",
    });
    return eventually(
      () => lb.getLb({ lbId: id }),
      ({ status }) => status === "ready",
    );
  };
  const balancer = await newBalancer("private-lb-test");
  const address = await ipam.bookIP({ source: { privateNetworkId: network.id }, isIpv6: false });
  await lb.attachPrivateNetwork({
    lbId: balancer.id,
    privateNetworkId: network.id,
    ipamIds: [address.id],
  });
  const k8s = await startCluster();
  const { core } = k8s;
  const ccm = await startCcm({
    kubeconfig: k8s.cluster.kubeconfig(),
    scaleway: { url: scaleway.url, ...OWNER },
    privateNetworkId: network.id,
    clusterId: CLUSTER_ID,
    backoff: { first: 50, longest: 400 },
    ...options,
  });
  const authority = await createAuthority();
  const find = async (name: string) => {
    const { items } = await core.listNamespacedService({ namespace: NAMESPACE });
    return items.find(({ metadata }) => metadata?.name === name);
  };
  const annotated = (annotations: Annotations) => {
    return Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [PREFIX + key, value]),
    );
  };
  const path = (name: string) => `/api/v1/namespaces/${NAMESPACE}/services/${name}`;
  return {
    ccm,
    env: scaleway.env(),
    k8s,
    lb,
    ipam,
    networkId: network.id,
    otherNetworkId: other.id,
    balancer,
    addressId: address.id,
    newBalancer,
    certificate: async (lbId = balancer.id) => {
      const { chainPem, privateKeyPem } = await authority.issue(["test.example.com"]);
      const customCertificate = { certificateChain: chainPem + privateKeyPem };
      return (await lb.createCertificate({ lbId, name: "test", customCertificate })).id;
    },
    service: async (name, annotations = {}, spec = {}) => {
      const all = {
        "externally-managed": "true",
        id: `fr-par-1/${balancer.id}`,
        private: "true",
        ...annotations,
      };
      const wanted = Object.entries(annotated(all)).filter(([, value]) => value !== null);
      await k8s.raw("POST", `/api/v1/namespaces/${NAMESPACE}/services`, {
        body: {
          metadata: { name, annotations: Object.fromEntries(wanted) },
          spec: {
            type: "LoadBalancer",
            ports: [{ name: "https", port: 443, targetPort: 80 }],
            ...spec,
          },
        },
      });
      await ccm.idle();
      return (await find(name)) as V1Service;
    },
    annotate: async (name, annotations) => {
      const body = { metadata: { annotations: annotated(annotations) } };
      await k8s.patch(path(name), body);
      await ccm.idle();
    },
    read: find,
    frontends: async (lbId = balancer.id) => (await lb.listFrontends({ lbId })).frontends,
    backends: async () => (await lb.listBackends({ lbId: balancer.id })).backends,
    events: async (name) => {
      const { items } = await core.listNamespacedEvent({ namespace: NAMESPACE });
      return items.filter(({ involvedObject }) => involvedObject.name === name);
    },
    writes: () => calls.splice(0).map(({ method, path: at }) => `${method} ${resourceOf(at)}`),
    clean: async () => {
      for (const { id } of (await lb.listFrontends({ lbId: balancer.id })).frontends) {
        await lb.deleteFrontend({ frontendId: id }).catch(() => undefined);
      }
      const { items } = await core.listNamespacedService({ namespace: NAMESPACE });
      for (const { metadata } of items) {
        const body = { metadata: { finalizers: null } };
        await k8s.raw("DELETE", path(metadata?.name ?? ""));
        await k8s.patch(path(metadata?.name ?? ""), body);
      }
      await ccm.idle();
      for (const { id } of (await lb.listFrontends({ lbId: balancer.id })).frontends) {
        await lb.deleteFrontend({ frontendId: id });
      }
      for (const { id } of (await lb.listBackends({ lbId: balancer.id })).backends) {
        await lb.deleteBackend({ backendId: id });
      }
      calls.splice(0);
    },
    close: async () => {
      await ccm.close();
      await k8s.close();
      await scaleway.close();
    },
  };
}

/** The path without ids: `frontends`, `backends servers`. */
function resourceOf(path: string): string {
  const parts = path.split("?")[0]?.split("/").slice(5) ?? [];
  return parts.filter((part) => !/^[0-9a-f-]{36}$/.test(part)).join(" ");
}
