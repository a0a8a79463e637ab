/**
 * Scaleway as the sandbox has it: the Load Balancer (zoned v1), IPAM (v1) and VPC (v2) APIs over one state, the alert
 * manager of Cockpit (v1), and to read Instance (v1), Kubernetes (v1), Public Gateway (v2) and IAM (v1alpha1), with the
 * vendor's shapes, rules and refusals. Field sets and error bodies follow what the vendor's Terraform provider recorded
 * (https://github.com/scaleway/terraform-provider-scaleway, internal/services/*\/testdata).
 */

import { regionOf } from "../../../config/naming.ts";
import { type CallLog, createApi } from "../api.ts";
import type { Intercept } from "../interceptors.ts";
import { setUpHttp } from "./http.ts";
import { bookIp } from "./ipam.ts";
import {
  addCluster,
  addGatewayNetwork,
  addSecurityGroupRule,
  type Cluster,
  type ClusterSeed,
  type GatewayNetwork,
  type Pool,
  type SecurityGroup,
} from "./kapsule.ts";
import { registerAcls } from "./routes/acl.ts";
import { registerBackends } from "./routes/backend.ts";
import { registerCertificates } from "./routes/certificate.ts";
import { registerCockpit } from "./routes/cockpit.ts";
import { registerFrontends } from "./routes/frontend.ts";
import { registerIam } from "./routes/iam.ts";
import { registerInstance } from "./routes/instance.ts";
import { registerIpam } from "./routes/ipam.ts";
import { registerKapsule } from "./routes/kapsule.ts";
import { registerLoadBalancers } from "./routes/loadBalancer.ts";
import { registerVpc } from "./routes/vpc.ts";
import { newMacAddress, type Settings, Store } from "./store.ts";
import {
  type Flow,
  type Inventory,
  inventory,
  type LoadBalancerView,
  loadBalancerViews,
  type Named,
  type NetworkView,
  networkView,
  vpcRefusal,
} from "./view.ts";
import { createPrivateNetwork, createVpc } from "./vpc.ts";

export type * from "./view.ts";

const REGION = "fr-par";
const ZONE = "fr-par-1";

export interface ScalewayOptions {
  log: CallLog;
  accessKey: string;
  /** A UUID, as Scaleway's are. */
  secretKey: string;
  projectId: string;
  organizationId: string;
  /** Another key, which may do what `settings.permissionSets` allow: `env()` has it then. @default none */
  limitedKey?: { accessKey: string; secretKey: string };
}

export interface ScalewayCloud {
  /** Base URL, without a trailing slash. */
  url: string;
  /** What a client needs to find and use it: SCW_API_URL and the rest. */
  env(): Record<string, string>;
  /** May be changed while it runs. */
  settings: Settings;
  addVpc(args: { name: string; projectId?: string }): { id: string };
  addPrivateNetwork(args: { name: string; vpcId: string; subnet: string }): { id: string };
  /** A server with one private network interface; its address is taken in IPAM. */
  addServer(args: { name: string; zone: string; privateNetworkId: string; address: string }): {
    id: string;
  };
  addCluster(seed: ClusterSeed): { id: string };
  /** A cluster, its first pool and the security group of that: to be changed as a test wants. */
  kapsule(clusterId: string): { cluster: Cluster; pool: Pool; securityGroup: SecurityGroup };
  /** Admits TCP from everywhere, to these ports or to all. */
  openSecurityGroup(id: string, ports: [from: number, to: number] | null): void;
  /** A Public Gateway's attachment. */
  addGatewayNetwork(privateNetworkId: string): GatewayNetwork;
  networks(): NetworkView[];
  vpcs(): Named[];
  loadBalancers(): LoadBalancerView[];
  /** Why a connection within the VPCs is not carried; undefined when it is. */
  refusal(flow: Flow): string | undefined;
  inventory(): Inventory;
  /** Calls `listener` after each change; the answer stops it. */
  onChange(listener: () => void): () => void;
  intercept: Intercept;
  close(): Promise<void>;
}

function addServer(
  store: Store,
  { name, zone, privateNetworkId, address }: Parameters<ScalewayCloud["addServer"]>[0],
): { id: string } {
  const nic = {
    ...store.stamps(),
    id: store.newId(),
    mac_address: newMacAddress(),
    private_network_id: privateNetworkId,
  };
  const ip = bookIp(store, {
    region: regionOf(zone),
    privateNetworkId,
    address,
    projectId: store.privateNetworks.get(privateNetworkId)?.project_id,
    resource: { id: nic.id, mac_address: nic.mac_address, name, type: "instance_private_nic" },
    managed: true,
  });
  const id = store.newId();
  store.servers.set(id, {
    ...store.stamps(),
    id,
    name,
    zone,
    project_id: ip.project_id,
    organization_id: store.owner.organizationId,
    nic,
  });
  store.changed();
  return { id };
}

type Seeds = Pick<
  ScalewayCloud,
  | "addVpc"
  | "addPrivateNetwork"
  | "addServer"
  | "addCluster"
  | "kapsule"
  | "openSecurityGroup"
  | "addGatewayNetwork"
>;

function seeds(store: Store): Seeds {
  return {
    addVpc: ({ name, projectId }) => {
      if (projectId !== undefined) store.projects.add(projectId);
      const { id } = createVpc(store, { name, region: REGION, projectId });
      return { id };
    },
    addPrivateNetwork: ({ name, vpcId, subnet }) => {
      const projectId = store.vpcs.get(vpcId)?.project_id;
      const { id } = createPrivateNetwork(store, {
        name,
        region: REGION,
        vpcId,
        subnets: [subnet],
        projectId,
      });
      return { id };
    },
    addServer: (args) => addServer(store, args),
    addCluster: (seed) => addCluster(store, seed),
    kapsule(clusterId) {
      const cluster = store.clusters.get(clusterId);
      const pool = [...store.pools.values()].find(({ cluster_id }) => cluster_id === clusterId);
      const securityGroup = pool && store.securityGroups.get(pool.security_group_id);
      if (!cluster || !securityGroup) throw new Error(`there is no cluster ${clusterId}`);
      return { cluster, pool, securityGroup };
    },
    openSecurityGroup(id, ports) {
      const group = store.securityGroups.get(id);
      if (!group) throw new Error(`there is no security group ${id}`);
      addSecurityGroupRule(store, group, ports);
    },
    addGatewayNetwork: (networkId) => addGatewayNetwork(store, ZONE, networkId),
  };
}

export async function startScaleway(options: ScalewayOptions): Promise<ScalewayCloud> {
  const { log, projectId, organizationId, limitedKey } = options;
  const { accessKey, secretKey } = limitedKey ?? options;
  const store = new Store({ projectId, organizationId });
  const api = createApi({ name: "scaleway", log });
  setUpHttp(api.app, store, { owner: options.secretKey, limited: limitedKey?.secretKey });
  registerVpc(api.app, store);
  registerIpam(api.app, store);
  registerInstance(api.app, store);
  registerKapsule(api.app, store);
  registerIam(api.app, store, accessKey);
  registerCockpit(api.app, store);
  registerLoadBalancers(api.app, store);
  registerBackends(api.app, store);
  registerFrontends(api.app, store);
  registerAcls(api.app, store);
  registerCertificates(api.app, store);
  const url = await api.listen();
  return {
    ...seeds(store),
    url,
    env: () => ({
      SCW_API_URL: url,
      SCW_ACCESS_KEY: accessKey,
      SCW_SECRET_KEY: secretKey,
      SCW_DEFAULT_PROJECT_ID: projectId,
      SCW_DEFAULT_ORGANIZATION_ID: organizationId,
      SCW_DEFAULT_REGION: REGION,
      SCW_DEFAULT_ZONE: ZONE,
    }),
    settings: store.settings,
    networks: () => [...store.privateNetworks.values()].map(networkView),
    vpcs: () => [...store.vpcs.values()].map(({ id, name }) => ({ id, name })),
    loadBalancers: () => loadBalancerViews(store),
    refusal: (flow) => vpcRefusal(store, flow),
    inventory: () => inventory(store),
    onChange: (listener) => store.onChange(listener),
    intercept: api.intercept,
    close: async () => {
      store.close();
      await api.close();
    },
  };
}
