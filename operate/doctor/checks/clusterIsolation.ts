/** How the cluster's nodes are kept apart: https://www.scaleway.com/en/docs/kubernetes/reference-content/secure-cluster-with-private-network/ */
import type { Zone } from "@scaleway/sdk-client";
import { Instancev1 } from "@scaleway/sdk-instance";
import type { K8Sv1 } from "@scaleway/sdk-k8s";
import { Vpcgwv2 } from "@scaleway/sdk-vpcgw";
import { READING_SETS } from "../../../privileges/scaleway.ts";
import { type Check, type Finding, failed, list, orOk, warning } from "../check.ts";
import type { Context } from "../context.ts";
import { findKapsule, isForbidden } from "../kapsule.ts";

/** https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport */
const NODE_PORTS = [30_000, 32_767] as const;

export const clusterIsolationCheck: Check = {
  title: "Isolation of the cluster",
  async run(context) {
    try {
      return await judge(context);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      const advice = `Give the key ${list(READING_SETS)} to have it checked`;
      return [warning("the key may not read the cluster", advice)];
    }
  },
};

async function judge(context: Context): Promise<Finding[]> {
  const { kubeContext, network } = context.config;
  const found = await findKapsule(context);
  if (!found)
    return [
      warning(
        `no Kapsule cluster that the key sees has the server of ${kubeContext}`,
        "Look whether the key and the context belong to the same project",
      ),
    ];
  const { cluster, pools } = found;
  if (cluster.type.startsWith("multicloud"))
    return [
      failed(
        `${cluster.name} is a Kosmos cluster, which has no private network`,
        "Use a Kapsule cluster",
      ),
    ];
  if (!cluster.privateNetworkId)
    return [
      failed(
        `${cluster.name} has no private network: its nodes have public addresses only`,
        "Migrate it into a private network, or make another cluster",
      ),
    ];
  const own = await context.ownNetwork();
  if (own && own.id !== cluster.privateNetworkId)
    return [
      failed(
        `${cluster.name} lies in another private network than ${network}`,
        "Correct `kubeContext` or `network` in the stack file",
      ),
    ];
  const isFull = (pool: K8Sv1.Pool) => pool.publicIpDisabled;
  const [full, controlled] = [pools.filter(isFull), pools.filter((pool) => !isFull(pool))];
  const findings = [
    ...(full.length > 0 ? await gatewayFaults(full, cluster.privateNetworkId, context) : []),
    ...(await securityGroupFaults(controlled, context)),
  ];
  const modes = [
    ...(controlled.length > 0 ? [`controlled isolation in ${names(controlled)}`] : []),
    ...(full.length > 0 ? [`full isolation in ${names(full)}`] : []),
  ];
  return orOk(findings, `${cluster.name} lies in ${network}: ${list(modes) || "no pool"}`);
}

/** Without a way out the nodes reach neither their control plane nor an image. */
async function gatewayFaults(
  pools: K8Sv1.Pool[],
  privateNetworkId: string,
  context: Context,
): Promise<Finding[]> {
  const api = new Vpcgwv2.API(await context.scaleway());
  const zones = [...new Set([context.config.zone, ...pools.map(({ zone }) => String(zone))])];
  const attached = await Promise.all(
    zones.map((zone) =>
      api.listGatewayNetworks({ zone: zone as Zone, privateNetworkIds: [privateNetworkId] }).all(),
    ),
  );
  const gateways = attached.flat();
  const who = `the fully isolated nodes of ${names(pools)}`;
  if (gateways.length === 0)
    return [
      failed(
        `${who} have no Public Gateway in their network, and so no way to their control plane`,
        "Attach a Public Gateway to the network, with dynamic NAT and the default route",
      ),
    ];
  if (gateways.some((each) => each.masqueradeEnabled && each.pushDefaultRoute)) return [];
  const advice = "Turn on both at the gateway's attachment to the network";
  return [failed(`the Public Gateway of ${who} has dynamic NAT or the default route off`, advice)];
}

/** Only nodes with public addresses are kept closed by it alone. */
async function securityGroupFaults(pools: K8Sv1.Pool[], context: Context): Promise<Finding[]> {
  const api = new Instancev1.API(await context.scaleway());
  const groups = new Map(pools.map((pool) => [pool.securityGroupId, pool]));
  const found = await Promise.all(
    [...groups].map(async ([securityGroupId, { zone }]) => {
      const at = { zone, securityGroupId };
      const { securityGroup } = await api.getSecurityGroup(at);
      if (!securityGroup) return [];
      const { rules } = await api.listSecurityGroupRules({ ...at, perPage: 100 });
      return groupFaults(securityGroup, rules);
    }),
  );
  return found.flat();
}

function groupFaults(
  { name, inboundDefaultPolicy }: Instancev1.SecurityGroup,
  rules: Instancev1.SecurityGroupRule[],
): Finding[] {
  if (inboundDefaultPolicy !== "drop")
    return [
      failed(
        `the security group "${name}" admits what no rule refuses: the nodes' public addresses are open`,
        "Set its inbound default policy to drop",
      ),
    ];
  const opening = rules.filter(opensNodePorts).map(shown);
  if (opening.length === 0) return [];
  return [
    failed(
      `the security group "${name}" opens node ports, 30000–32767, to the internet: ${list(opening)}`,
      "Delete these rules: every Service of the cluster is reachable by them, past its load balancer",
    ),
  ];
}

function opensNodePorts(rule: Instancev1.SecurityGroupRule): boolean {
  const { action, direction, protocol, destPortFrom, destPortTo } = rule;
  if (action !== "accept" || direction !== "inbound" || protocol === "ICMP") return false;
  const from = destPortFrom ?? 0;
  const to = destPortTo ?? destPortFrom ?? 65_535;
  return from <= NODE_PORTS[1] && to >= NODE_PORTS[0];
}

function shown({ protocol, ipRange, destPortFrom, destPortTo }: Instancev1.SecurityGroupRule) {
  const ports = destPortFrom ? `${destPortFrom}${destPortTo ? `–${destPortTo}` : ""}` : "all ports";
  return `${protocol} ${ports} from ${ipRange}`;
}

const names = (pools: K8Sv1.Pool[]) => list(pools.map(({ name }) => name));
