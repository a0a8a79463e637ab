/** What a Service may not be: pkg/apis/core/validation/validation.go, validateService and its kin. */
import { isIPv4 } from "node:net";
import { isCidr } from "../addresses.ts";
import { duplicate, forbiddenField, invalidValue, notSupported, required } from "../causes.ts";
import type { Cause } from "../status.ts";
import { jsonEquals, type Service, type ServicePort } from "../types.ts";
import {
  dnsLabelFaults,
  dnsSubdomainFaults,
  labelCauses,
  portFaults,
  portOrNameCauses,
  qualifiedNameFaults,
} from "../validation.ts";
import { isExternallyAccessible, needsHealthCheckPort } from "./serviceTraits.ts";

type Spec = Service["spec"];

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const POLICIES = ["Cluster", "Local"];
const LB_ONLY = "may only be used when `type` is 'LoadBalancer'";
const NOT_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

export function serviceCauses({ spec }: Service): Cause[] {
  return [
    ...typeCauses(spec),
    ...portsCauses(spec),
    ...labelCauses("spec.selector", spec.selector),
    ...affinityCauses(spec),
    ...addressCauses(spec),
    ...loadBalancerCauses(spec),
    ...trafficCauses(spec),
  ];
}

function typeCauses(spec: Spec): Cause[] {
  const { type = "", externalName, clusterIPs } = spec;
  if (!TYPES.includes(type)) return [notSupported("spec.type", type, TYPES)];
  if (type !== "ExternalName") return [];
  const causes: Cause[] = [];
  const why = "may not be set for ExternalName services";
  if (clusterIPs?.length) causes.push(forbiddenField("spec.clusterIPs", why));
  if (spec.ipFamilies?.length) causes.push(forbiddenField("spec.ipFamilies", why));
  if (spec.ipFamilyPolicy) causes.push(forbiddenField("spec.ipFamilyPolicy", why));
  if (!externalName) return [...causes, required("spec.externalName")];
  const faults = dnsSubdomainFaults(externalName.replace(/\.$/, ""));
  return [...causes, ...faults.map((f) => invalidValue("spec.externalName", externalName, f))];
}

function portsCauses(spec: Spec): Cause[] {
  const { ports = [], type } = spec;
  const causes: Cause[] = [];
  if (ports.length === 0 && spec.clusterIP !== "None" && type !== "ExternalName") {
    causes.push(required("spec.ports"));
  }
  const seen = { names: new Set<string>(), ports: new Set<string>(), nodePorts: new Set<string>() };
  for (const [i, port] of ports.entries()) {
    const at = `spec.ports[${i}]`;
    causes.push(...portCauses(at, port, ports.length > 1, seen.names));
    const key = `${port.protocol}/${port.port}`;
    if (seen.ports.has(key)) {
      causes.push(duplicate(at, { port: port.port, protocol: port.protocol ?? "TCP" }));
    }
    seen.ports.add(key);
    if (!port.nodePort) continue;
    if (type === "ClusterIP") {
      const why = "may not be used when `type` is 'ClusterIP'";
      causes.push(forbiddenField(`${at}.nodePort`, why));
    }
    const nodeKey = `${port.protocol}/${port.nodePort}`;
    if (seen.nodePorts.has(nodeKey)) causes.push(duplicate(`${at}.nodePort`, port.nodePort));
    seen.nodePorts.add(nodeKey);
  }
  return causes;
}

function portCauses(
  at: string,
  port: ServicePort,
  needsName: boolean,
  names: Set<string>,
): Cause[] {
  const causes: Cause[] = [];
  const { name, protocol = "", targetPort = port.port, appProtocol } = port;
  if (!name) {
    if (needsName) causes.push(required(`${at}.name`));
  } else {
    for (const fault of dnsLabelFaults(name)) causes.push(invalidValue(`${at}.name`, name, fault));
    if (names.has(name)) causes.push(duplicate(`${at}.name`, name));
    names.add(name);
  }
  for (const f of portFaults(port.port)) causes.push(invalidValue(`${at}.port`, port.port, f));
  if (!PROTOCOLS.includes(protocol)) {
    causes.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS));
  }
  causes.push(...portOrNameCauses(`${at}.targetPort`, targetPort));
  for (const fault of appProtocol ? qualifiedNameFaults(appProtocol) : []) {
    causes.push(invalidValue(`${at}.appProtocol`, appProtocol, fault));
  }
  return causes;
}

function affinityCauses({ sessionAffinity = "", sessionAffinityConfig }: Spec): Cause[] {
  const supported = ["ClientIP", "None"];
  if (!supported.includes(sessionAffinity)) {
    return [notSupported("spec.sessionAffinity", sessionAffinity, supported)];
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinity !== "ClientIP" || (seconds && seconds <= 86_400)) return [];
  const field = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
  return [invalidValue(field, seconds, "must be greater than 0 and less than 86400")];
}

function addressCauses({ type, clusterIP, clusterIPs = [], externalIPs = [] }: Spec): Cause[] {
  const causes: Cause[] = [];
  if (clusterIP === "None" && (type === "LoadBalancer" || type === "NodePort")) {
    const why = `may not be set to 'None' for ${type} services`;
    causes.push(invalidValue("spec.clusterIPs[0]", "None", why));
  }
  if (clusterIP && clusterIPs[0] !== clusterIP) {
    const why = "first value must match `clusterIP`";
    causes.push(invalidValue("spec.clusterIPs", clusterIPs, why));
  }
  const notIp = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
  for (const [i, ip] of clusterIPs.entries()) {
    if (ip !== "None" && !isIPv4(ip)) causes.push(invalidValue(`spec.clusterIPs[${i}]`, ip, notIp));
  }
  for (const [i, ip] of externalIPs.entries()) {
    if (!isIPv4(ip)) causes.push(invalidValue(`spec.externalIPs[${i}]`, ip, notIp));
  }
  return causes;
}

function loadBalancerCauses(spec: Spec): Cause[] {
  const isLoadBalancer = spec.type === "LoadBalancer";
  const causes: Cause[] = [];
  const ranges = spec.loadBalancerSourceRanges ?? [];
  // The field's name is written with a capital by the API server itself.
  const field = "spec.LoadBalancerSourceRanges";
  if (ranges.length > 0 && !isLoadBalancer) causes.push(forbiddenField(field, LB_ONLY));
  for (const [i, range] of ranges.entries()) {
    if (!isCidr(range.trim())) causes.push(invalidValue(`${field}[${i}]`, range.trim(), NOT_CIDR));
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isLoadBalancer) {
    causes.push(forbiddenField("spec.allocateLoadBalancerNodePorts", LB_ONLY));
  }
  const loadBalancerClass = spec.loadBalancerClass;
  if (loadBalancerClass === undefined) return causes;
  if (!isLoadBalancer) return [...causes, forbiddenField("spec.loadBalancerClass", LB_ONLY)];
  const faults = qualifiedNameFaults(loadBalancerClass);
  const invalids = faults.map((f) => invalidValue("spec.loadBalancerClass", loadBalancerClass, f));
  return [...causes, ...invalids];
}

function trafficCauses(spec: Spec): Cause[] {
  const causes: Cause[] = [];
  const { externalTrafficPolicy: policy, healthCheckNodePort, internalTrafficPolicy } = spec;
  const external = "spec.externalTrafficPolicy";
  if (!isExternallyAccessible(spec)) {
    if (policy) {
      const why = "may only be set for externally-accessible services";
      causes.push(invalidValue(external, policy, why));
    }
  } else if (!POLICIES.includes(policy ?? "")) {
    causes.push(notSupported(external, policy, POLICIES));
  }
  if (!needsHealthCheckPort(spec) && healthCheckNodePort) {
    const why =
      "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    causes.push(invalidValue("spec.healthCheckNodePort", healthCheckNodePort, why));
  }
  if (internalTrafficPolicy && !POLICIES.includes(internalTrafficPolicy)) {
    causes.push(notSupported("spec.internalTrafficPolicy", internalTrafficPolicy, POLICIES));
  }
  const distributions = ["PreferClose", "PreferSameNode", "PreferSameZone"];
  const { trafficDistribution } = spec;
  if (trafficDistribution && !distributions.includes(trafficDistribution)) {
    causes.push(notSupported("spec.trafficDistribution", trafficDistribution, distributions));
  }
  return causes;
}

/** What may not change in an update. */
export function updateCauses(spec: Spec, old: Spec): Cause[] {
  const causes: Cause[] = [];
  const named = spec.type === "ExternalName" || old.type === "ExternalName";
  if (!named && !jsonEquals(spec.clusterIPs, old.clusterIPs)) {
    const why = "may not change once set";
    causes.push(invalidValue("spec.clusterIPs[0]", spec.clusterIPs, why));
  }
  if (!named && spec.ipFamilies?.[0] !== old.ipFamilies?.[0]) {
    causes.push(invalidValue("spec.ipFamilies[0]", spec.ipFamilies, "may not change once set"));
  }
  const both = spec.type === "LoadBalancer" && old.type === "LoadBalancer";
  if (both && spec.loadBalancerClass !== old.loadBalancerClass) {
    const why = "may not change once set";
    causes.push(invalidValue("spec.loadBalancerClass", spec.loadBalancerClass, why));
  }
  const checked = needsHealthCheckPort(spec) && needsHealthCheckPort(old);
  if (checked && spec.healthCheckNodePort !== old.healthCheckNodePort) {
    causes.push(forbiddenField("spec.healthCheckNodePort", "field is immutable"));
  }
  return causes;
}

export function statusCauses({ spec, status }: Service): Cause[] {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const at = "status.loadBalancer.ingress";
  if (spec.type !== "LoadBalancer" && ingress.length > 0) {
    return [forbiddenField(at, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return ingress.flatMap(({ ip, ipMode, hostname }, i): Cause[] => {
    const field = `${at}[${i}]`;
    const causes: Cause[] = [];
    if (ipMode && !ip) {
      causes.push(forbiddenField(`${field}.ipMode`, "may not be specified when `ip` is not set"));
    }
    if (ipMode && !["VIP", "Proxy"].includes(ipMode)) {
      causes.push(notSupported(`${field}.ipMode`, ipMode, ["VIP", "Proxy"]));
    }
    for (const fault of hostname ? dnsSubdomainFaults(hostname) : []) {
      causes.push(invalidValue(`${field}.hostname`, hostname, fault));
    }
    return causes;
  });
}
