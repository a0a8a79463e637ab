import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import * as pulumi from "@pulumi/pulumi";

export interface IngressPolicyArgs {
  /** Name of the policy. */
  policyName: pulumi.Input<string>;
  namespace: pulumi.Input<string>;
  /** Labels of the pods that it closes. */
  selector: pulumi.Input<Record<string, pulumi.Input<string>>>;
  labels: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Ports of the pods, numbers or names. */
  ports: (number | string)[];
  /** Ranges of the clients that it admits to them, CIDR. */
  ranges: pulumi.Input<string[]>;
}

/**
 * A policy that admits these ranges to these ports of the pods, and nobody else to anything of theirs.
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function ingressPolicy(
  name: string,
  args: IngressPolicyArgs,
  opts: pulumi.CustomResourceOptions,
): NetworkPolicy {
  const { policyName, namespace, selector, labels, ports, ranges } = args;
  return new NetworkPolicy(
    name,
    {
      metadata: {
        name: policyName,
        namespace,
        labels,
        // As the Service's: what the program declares wins over edits by hand.
        annotations: { "pulumi.com/patchForce": "true" },
      },
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ["Ingress"],
        ingress: [
          {
            from: pulumi
              .output(ranges)
              .apply((cidrs) => cidrs.map((cidr) => ({ ipBlock: { cidr } }))),
            ports: ports.map((port) => ({ protocol: "TCP", port })),
          },
        ],
      },
    },
    // A new name or namespace: the new policy closes its pods before the old one opens others.
    { ...opts, deleteBeforeReplace: false },
  );
}
