/** Cluster addresses and node ports of Services. */
import { randomInt } from "node:crypto";
import { cidrSize, freeAddress, inCidr } from "../addresses.ts";
import { invalidValue } from "../causes.ts";
import { invalid } from "../status.ts";
import type { Service } from "../types.ts";
import { needsHealthCheckPort, needsNodePorts } from "./serviceTraits.ts";
import type { ClusterView } from "./strategy.ts";

const NODE_PORTS = { first: 30_000, last: 32_767 };

/** @throws ApiError 422 when an asked address or port is out of range or taken. */
export function allocate(service: Service, old: Service | undefined, cluster: ClusterView): void {
  const others = (cluster.list("Service") as Service[]).filter(
    (other) => other.metadata.uid !== (old?.metadata.uid ?? service.metadata.uid),
  );
  allocateAddress(service, old, others, cluster.serviceCidr);
  allocatePorts(service, old, others);
}

function refuse(service: Service, field: string, value: string | number, why: string): never {
  throw invalid("Service", "", service.metadata.name, [invalidValue(field, value, why)]);
}

function allocateAddress(
  service: Service,
  old: Service | undefined,
  others: Service[],
  cidr: string,
): void {
  const { spec } = service;
  if (spec.type === "ExternalName") return;
  const taken = new Set(others.flatMap((other) => other.spec.clusterIPs ?? []));
  const asked = spec.clusterIP;
  if (!asked) {
    // The upper part of the range is for addresses that nobody asked for by name (KEP-3070).
    const from = Math.min(randomInt(16, 256), cidrSize(cidr) - 2);
    spec.clusterIP = freeAddress(cidr, taken, from);
    spec.clusterIPs = [spec.clusterIP];
  } else if (asked !== "None" && asked !== old?.spec.clusterIP) {
    if (!inCidr(asked, cidr)) {
      const why = `failed to allocate IP ${asked}: the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${cidr}`;
      refuse(service, "spec.clusterIPs", JSON.stringify([asked]), why);
    }
    if (taken.has(asked)) {
      const why = `failed to allocate IP ${asked}: provided IP is already allocated`;
      refuse(service, "spec.clusterIPs", JSON.stringify([asked]), why);
    }
  }
  const headlessWithoutSelector = spec.clusterIP === "None" && !spec.selector;
  spec.ipFamilies ??= headlessWithoutSelector ? ["IPv4", "IPv6"] : ["IPv4"];
  spec.ipFamilyPolicy ??= headlessWithoutSelector ? "RequireDualStack" : "SingleStack";
}

function allocatePorts(service: Service, old: Service | undefined, others: Service[]): void {
  const { spec } = service;
  const taken = new Set(others.flatMap((other) => portsOf(other)));
  const own = new Set(old ? portsOf(old) : []);
  for (const [i, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort && needsNodePorts(spec)) port.nodePort = freePort(taken, own);
    else if (port.nodePort && !own.has(port.nodePort)) {
      checkPort(service, `spec.ports[${i}].nodePort`, port.nodePort, taken);
    }
    if (port.nodePort) taken.add(port.nodePort);
  }
  if (!needsHealthCheckPort(spec)) return;
  if (!spec.healthCheckNodePort) spec.healthCheckNodePort = freePort(taken, own);
  else if (!own.has(spec.healthCheckNodePort)) {
    checkPort(service, "spec.healthCheckNodePort", spec.healthCheckNodePort, taken);
  }
}

function portsOf({ spec }: Service): number[] {
  const ports = (spec.ports ?? []).map((port) => port.nodePort);
  return [...ports, spec.healthCheckNodePort].filter((port) => port !== undefined);
}

function checkPort(service: Service, field: string, port: number, taken: Set<number>): void {
  const { first, last } = NODE_PORTS;
  if (service.spec.type === "ClusterIP" || service.spec.type === "ExternalName") return;
  if (port < first || port > last) {
    const why = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    refuse(service, field, port, why);
  }
  if (taken.has(port)) refuse(service, field, port, "provided port is already allocated");
}

function freePort(taken: ReadonlySet<number>, own: ReadonlySet<number>): number {
  const { first, last } = NODE_PORTS;
  const size = last - first + 1;
  const start = randomInt(size);
  for (let i = 0; i < size; i++) {
    const port = first + ((start + i) % size);
    if (!taken.has(port) && !own.has(port)) return port;
  }
  throw new Error(`no free node port between ${first} and ${last}`);
}
