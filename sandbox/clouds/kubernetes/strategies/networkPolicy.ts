import { inCidr, isCidr } from "../addresses.ts";
import { forbiddenField, invalidValue, notSupported, required } from "../causes.ts";
import type { Cause } from "../status.ts";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../types.ts";
import { portFaults, portOrNameCauses, selectorCauses } from "../validation.ts";
import type { Strategy } from "./strategy.ts";

const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const TYPES = ["Egress", "Ingress"];

export const networkPolicyStrategy: Strategy = {
  generation: true,
  default(object) {
    const policy = object as NetworkPolicy;
    policy.spec ??= {};
    const { spec } = policy;
    spec.podSelector ??= {};
    spec.policyTypes ??= spec.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ??= "TCP";
    }
  },
  validate(object) {
    const { spec = {} } = object as NetworkPolicy;
    const causes = selectorCauses("spec.podSelector", spec.podSelector);
    for (const [i, { ports = [], from = [] }] of (spec.ingress ?? []).entries()) {
      causes.push(...ruleCauses(`spec.ingress[${i}]`, "from", ports, from));
    }
    for (const [i, { ports = [], to = [] }] of (spec.egress ?? []).entries()) {
      causes.push(...ruleCauses(`spec.egress[${i}]`, "to", ports, to));
    }
    for (const [i, type] of (spec.policyTypes ?? []).entries()) {
      if (!TYPES.includes(type)) causes.push(notSupported(`spec.policyTypes[${i}]`, type, TYPES));
    }
    return causes;
  },
};

function ruleCauses(
  at: string,
  direction: string,
  ports: NetworkPolicyPort[],
  peers: NetworkPolicyPeer[],
): Cause[] {
  return [
    ...ports.flatMap((port, i) => portCauses(`${at}.ports[${i}]`, port)),
    ...peers.flatMap((peer, i) => peerCauses(`${at}.${direction}[${i}]`, peer)),
  ];
}

function portCauses(at: string, { port, endPort, protocol }: NetworkPolicyPort): Cause[] {
  const causes: Cause[] = [];
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) {
    causes.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS));
  }
  if (port !== undefined) causes.push(...portOrNameCauses(`${at}.port`, port));
  if (endPort === undefined) return causes;
  const end = `${at}.endPort`;
  if (port === undefined) {
    causes.push(invalidValue(end, endPort, "may not be specified when `port` is not specified"));
  } else if (typeof port === "string") {
    causes.push(invalidValue(end, endPort, "may not be specified when `port` is non-numeric"));
  } else if (endPort < port) {
    causes.push(invalidValue(end, port, "must be greater than or equal to `port`"));
  }
  for (const fault of portFaults(endPort)) causes.push(invalidValue(end, endPort, fault));
  return causes;
}

function peerCauses(at: string, peer: NetworkPolicyPeer): Cause[] {
  const { ipBlock, podSelector, namespaceSelector } = peer;
  if (!ipBlock && !podSelector && !namespaceSelector) return [required(at, "must specify a peer")];
  const causes = [
    ...selectorCauses(`${at}.podSelector`, podSelector),
    ...selectorCauses(`${at}.namespaceSelector`, namespaceSelector),
    ...(ipBlock ? blockCauses(`${at}.ipBlock`, ipBlock) : []),
  ];
  if (ipBlock && (podSelector || namespaceSelector)) {
    causes.push(forbiddenField(at, "may not specify both ipBlock and another peer"));
  }
  return causes;
}

const NOT_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

function blockCauses(at: string, { cidr, except = [] }: { cidr: string; except?: string[] }) {
  if (!cidr) return [required(`${at}.cidr`)];
  if (!isCidr(cidr)) return [invalidValue(`${at}.cidr`, cidr, NOT_CIDR)];
  return except.flatMap((range, i): Cause[] => {
    const field = `${at}.except[${i}]`;
    if (!isCidr(range)) return [invalidValue(field, range, NOT_CIDR)];
    const narrower = Number(range.split("/")[1]) > Number(cidr.split("/")[1]);
    if (narrower && inCidr(range.split("/")[0] ?? "", cidr)) return [];
    return [invalidValue(field, range, `must be a strict subset of \`cidr\``)];
  });
}
