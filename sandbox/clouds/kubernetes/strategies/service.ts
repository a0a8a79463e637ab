/** Services: defaults, what is carried over and cleared on a change of type, allocation. */
import { jsonEquals, type Service, type ServicePort } from "../types.ts";
import { dnsLabelFaults } from "../validation.ts";
import { allocate } from "./serviceAllocation.ts";
import { isExternallyAccessible, needsHealthCheckPort } from "./serviceTraits.ts";
import { serviceCauses, statusCauses, updateCauses } from "./serviceValidation.ts";
import type { Strategy } from "./strategy.ts";

type Spec = Service["spec"];

const mayUseNodePorts = (spec: Spec) => spec.type === "NodePort" || spec.type === "LoadBalancer";

export const serviceStrategy: Strategy = {
  createOnUpdate: true,
  returnsDeleted: true,
  nameFaults: dnsLabelFaults,

  default(object) {
    const service = object as Service;
    service.spec ??= {};
    service.status ??= { loadBalancer: {} };
    service.status.loadBalancer ??= {};
    defaultSpec(service.spec);
    if (service.spec.type !== "LoadBalancer") return;
    for (const ingress of service.status.loadBalancer.ingress ?? []) {
      if (ingress.ip) ingress.ipMode ??= "VIP";
    }
  },

  prepare(object, old, cluster) {
    const service = object as Service;
    if (old) {
      clearUnused(service, (old as Service).spec);
      carryOver(service.spec, (old as Service).spec);
    }
    syncClusterIps(service.spec, (old as Service | undefined)?.spec);
    allocate(service, old as Service | undefined, cluster);
  },

  validate(object, old) {
    const service = object as Service;
    return [
      ...(old ? updateCauses(service.spec, (old as Service).spec) : []),
      ...serviceCauses(service),
    ];
  },

  validateStatus: (object) => statusCauses(object as Service),
};

/** pkg/apis/core/v1/defaults.go, SetDefaults_Service. */
function defaultSpec(spec: Spec): void {
  spec.sessionAffinity ??= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (
    spec.sessionAffinity === "ClientIP" &&
    !spec.sessionAffinityConfig?.clientIP?.timeoutSeconds
  ) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10_800 } };
  }
  spec.type ??= "ClusterIP";
  for (const port of spec.ports ?? []) defaultPort(port);
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ??= "Cluster";
  if (spec.type !== "ExternalName") spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
}

function defaultPort(port: ServicePort): void {
  port.protocol ??= "TCP";
  if (!port.targetPort) port.targetPort = port.port;
}

/** What the old type had and the new one has no use for, unless the user changed it as well. */
function clearUnused(service: Service, old: Spec): void {
  const { spec } = service;
  const clear = (key: keyof Spec) => {
    if (jsonEquals(spec[key] as never, old[key] as never)) delete spec[key];
  };
  if (old.type !== "ExternalName" && spec.type === "ExternalName") {
    for (const key of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] as const)
      clear(key);
  }
  if (mayUseNodePorts(old) && !mayUseNodePorts(spec)) {
    const known = new Set((old.ports ?? []).map((port) => port.nodePort));
    if ((spec.ports ?? []).every(({ nodePort }) => !nodePort || known.has(nodePort))) {
      for (const port of spec.ports ?? []) delete port.nodePort;
    }
  }
  if (needsHealthCheckPort(old) && !needsHealthCheckPort(spec)) clear("healthCheckNodePort");
  if (old.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    clear("allocateLoadBalancerNodePorts");
    clear("loadBalancerClass");
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(spec)) clear("externalTrafficPolicy");
  if (spec.type !== "LoadBalancer") service.status = { loadBalancer: {} };
}

/** Allocated values that the client left out stay as they are. */
function carryOver(spec: Spec, old: Spec): void {
  if (spec.type !== "ExternalName" && old.type !== "ExternalName") {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if (!spec.clusterIPs?.length && old.clusterIPs) spec.clusterIPs = [...old.clusterIPs];
    if (!spec.ipFamilies && old.ipFamilies) spec.ipFamilies = [...old.ipFamilies];
    if (!spec.ipFamilyPolicy && old.ipFamilyPolicy) spec.ipFamilyPolicy = old.ipFamilyPolicy;
  }
  if (mayUseNodePorts(spec) && mayUseNodePorts(old)) carryOverNodePorts(spec, old);
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(old) && old.healthCheckNodePort) {
    spec.healthCheckNodePort ??= old.healthCheckNodePort;
  }
}

function carryOverNodePorts(spec: Spec, old: Spec): void {
  const kept = new Set((spec.ports ?? []).map((port) => port.nodePort));
  const byName = new Map((old.ports ?? []).map(({ name, nodePort }) => [name, nodePort]));
  for (const port of spec.ports ?? []) {
    const before = byName.get(port.name);
    if (!port.nodePort && before && !kept.has(before)) port.nodePort = before;
  }
}

/** `clusterIP` and the first of `clusterIPs` are one value under two names. */
function syncClusterIps(spec: Spec, old: Spec | undefined): void {
  const [first] = spec.clusterIPs ?? [];
  if (!old) {
    if (spec.clusterIP && !first) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const singularChanged = spec.clusterIP !== old.clusterIP;
  const pluralChanged = !jsonEquals(spec.clusterIPs, old.clusterIPs);
  if (singularChanged && !pluralChanged) {
    if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
    else delete spec.clusterIPs;
  } else if (pluralChanged && !singularChanged && first) spec.clusterIP = first;
}
