/** The cluster and the networks. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { Vpcv2 } from "@scaleway/sdk-vpc";
import { stringify } from "yaml";
import { clusterCheck } from "../../../operate/doctor/checks/cluster.ts";
import { clusterIsolationCheck } from "../../../operate/doctor/checks/clusterIsolation.ts";
import { rightsCheck } from "../../../operate/doctor/checks/rights.ts";
import { sharedVpcCheck } from "../../../operate/doctor/checks/sharedVpc.ts";
import { access, client, context, gateway, ground, kapsule, type Trouble } from "./ground.ts";
import type { Otherwise } from "./look.ts";

export const clusterTroubles: Trouble[] = [
  {
    title: "a network of another environment in a routed VPC",
    check: sharedVpcCheck,
    make: async () => {
      const { vpcId } =
        ground.world.scaleway.networks().find(({ name }) => name === "staging") ?? {};
      const added = { name: "guests", vpcId: vpcId ?? "", subnet: "172.16.64.0/22" };
      const { id } = ground.world.scaleway.addPrivateNetwork(added);
      return () => new Vpcv2.API(client()).deletePrivateNetwork({ privateNetworkId: id });
    },
    level: "warning",
    says: /guests, staging share the VPC staging, which routes between them/,
    advises: /VPC of its own/,
  },
  {
    title: "a private network that does not exist",
    check: sharedVpcCheck,
    make: (given) => {
      given.config = (config) => {
        config.network = "stagin";
      };
    },
    level: "failed",
    says: /no one private network stagin/,
  },
  {
    title: "the cluster of another environment",
    check: clusterCheck,
    make: (given) => context(given, "production"),
    level: "failed",
    says: /\(172\.16\.8\.11\).* of the context production lie outside the network staging \(172\.16\.0\.0\/22\): it is the wrong cluster/,
    advises: /kubeContext/,
  },
  {
    title: "a context that the kubeconfig has not",
    check: clusterCheck,
    make: (given) => context(given, "stagin"),
    level: "failed",
    says: /no context "stagin"; it has staging, preproduction/,
  },
  {
    title: "a Kosmos cluster",
    check: clusterIsolationCheck,
    make: () => kapsule("cluster", { type: "multicloud" }),
    level: "failed",
    says: /Kosmos/,
  },
  {
    title: "a cluster without a private network",
    check: clusterIsolationCheck,
    make: () => kapsule("cluster", { private_network_id: null }),
    level: "failed",
    says: /staging has no private network/,
  },
  {
    title: "a security group that admits by default",
    check: clusterIsolationCheck,
    make: () => kapsule("securityGroup", { inbound_default_policy: "accept" }),
    level: "failed",
    says: /security group "kubernetes .*" admits what no rule refuses/,
  },
  {
    title: "a security group that opens node ports",
    check: clusterIsolationCheck,
    make: () => {
      const { id } = ground.world.kapsule("staging").securityGroup;
      ground.world.scaleway.openSecurityGroup(id, [31_000, 31_010]);
      return () => ground.world.kapsule("staging").securityGroup.rules.splice(0);
    },
    level: "failed",
    says: /opens node ports.*TCP 31000–31010 from 0\.0\.0\.0\/0/,
  },
  {
    title: "full isolation without a Public Gateway",
    check: clusterIsolationCheck,
    make: () => kapsule("pool", { public_ip_disabled: true }),
    level: "failed",
    says: /fully isolated nodes of default have no Public Gateway/,
  },
  {
    title: "full isolation behind a Public Gateway",
    check: clusterIsolationCheck,
    make: () => gateway({}),
    level: "ok",
    says: /full isolation in default/,
  },
  {
    title: "full isolation behind a Public Gateway without the default route",
    check: clusterIsolationCheck,
    make: () => gateway({ push_default_route: false }),
    level: "failed",
    says: /dynamic NAT or the default route off/,
  },
  {
    title: "a key that may not read clusters",
    check: clusterIsolationCheck,
    make: () => access({ k8s: "none" }),
    level: "warning",
    says: /may not read the cluster/,
    advises: /KubernetesReadOnly/,
  },
  {
    title: "a user that may not write NetworkPolicies",
    check: rightsCheck,
    make: (given) => allowOnly(given, { apiGroups: [""], resources: ["services"] }),
    level: "failed",
    says: /may not get, list, .* and delete NetworkPolicies in the namespace ops-tools/,
    advises: /Role/,
  },
  {
    title: "a user that may not write Services",
    check: rightsCheck,
    make: (given) =>
      allowOnly(given, { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"] }),
    level: "failed",
    says: /may not get, list, .* and delete Services in the namespace ops-tools/,
    advises: /kubectl apply --namespace ops-tools --filename privileges\/kubernetes\.yaml/,
  },
];

/** A kubeconfig of a user who may do everything with these, and ask what it may do. */
function allowOnly(given: Otherwise, what: { apiGroups: string[]; resources: string[] }): void {
  const cluster = ground.world.cluster("staging");
  const reviews = {
    apiGroups: ["authorization.k8s.io"],
    resources: ["selfsubjectaccessreviews"],
    verbs: ["create"],
  };
  const token = cluster.addToken({ user: "ci", rules: [{ ...what, verbs: ["*"] }, reviews] });
  const config = cluster.kubeconfig();
  for (const { user } of config.users) user.token = token;
  const file = path.join(path.dirname(ground.world.env["KUBECONFIG"] ?? ""), "ci.kubeconfig");
  writeFileSync(file, stringify(config), { mode: 0o600 });
  given.env = { KUBECONFIG: file };
}
