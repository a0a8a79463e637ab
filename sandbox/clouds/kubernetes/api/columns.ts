/** The columns that `kubectl get` prints: pkg/printers/internalversion of Kubernetes. */
import type { Json, KubeObject, NetworkPolicy, Pod, Service } from "../types.ts";

export interface Column {
  name: string;
  type?: "string" | "integer" | "date";
  format?: string;
  /** Above 0: only with `-o wide`. */
  priority?: number;
  description?: string;
  value(object: KubeObject, now: number): Json;
}

/** As kubectl prints a duration: `5s`, `3m20s`, `4h`, `2d`. */
function age(since: string | undefined, now: number): string {
  if (!since) return "<unknown>";
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 ? `${hours}h${minutes % 60}m` : `${hours}h`;
  if (hours < 48) return `${hours}h`;
  return `${Math.floor(hours / 24)}d`;
}

const NAME: Column = {
  name: "Name",
  format: "name",
  value: ({ metadata }) => metadata.name,
};
const AGE: Column = {
  name: "Age",
  value: ({ metadata }, now) => age(metadata.creationTimestamp, now),
};

const text = (name: string, value: (object: KubeObject) => Json, priority = 0): Column => ({
  name,
  priority,
  value,
});

function selectorText(selector: Record<string, string> | undefined): string {
  const terms = Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`);
  return terms.sort().join(",") || "<none>";
}

function servicePorts({ spec }: Service): string {
  const ports = (spec.ports ?? []).map(({ port, nodePort, protocol }) => {
    return `${port}${nodePort ? `:${nodePort}` : ""}/${protocol}`;
  });
  return ports.join(",") || "<none>";
}

function externalIp({ spec, status }: Service): string {
  if (spec.type === "ExternalName") return spec.externalName ?? "<none>";
  const ingress = status?.loadBalancer?.ingress ?? [];
  const addresses = ingress.map(({ ip, hostname }) => ip ?? hostname ?? "");
  const all = [...addresses, ...(spec.externalIPs ?? [])].join(",");
  return all || (spec.type === "LoadBalancer" ? "<pending>" : "<none>");
}

const conditionOf = (object: KubeObject, type: string) => {
  const status = object["status"] as Pod["status"];
  return status?.conditions?.find((condition) => condition.type === type);
};

function nodeState(node: KubeObject): string {
  const { unschedulable } = (node["spec"] ?? {}) as { unschedulable?: boolean };
  const ready = conditionOf(node, "Ready")?.status;
  const state = ready === "True" ? "Ready" : ready ? "NotReady" : "Unknown";
  return unschedulable ? `${state},SchedulingDisabled` : state;
}

function nodeAddress(node: KubeObject, type: string): string {
  const status = node["status"] as { addresses?: { type: string; address: string }[] } | undefined;
  return status?.addresses?.find((one) => one.type === type)?.address ?? "<none>";
}

const nodeInfo = (node: KubeObject): Record<string, string> => {
  const status = node["status"] as { nodeInfo?: Record<string, string> } | undefined;
  return status?.nodeInfo ?? {};
};

function ready(pod: KubeObject): string {
  const count = (pod as Pod).spec.containers?.length ?? 0;
  return `${conditionOf(pod, "Ready")?.status === "True" ? count : 0}/${count}`;
}

function podState(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp) return "Terminating";
  return (pod as Pod).status?.phase ?? "Unknown";
}

const podStatus = (pod: KubeObject) => (pod as Pod).status;

type Event = KubeObject & {
  lastTimestamp?: string;
  eventTime?: string;
  involvedObject?: { kind?: string; name?: string };
  reason?: string;
  type?: string;
  message?: string;
};

const COLUMNS: Record<string, Column[]> = {
  Service: [
    NAME,
    text("Type", (o) => (o as Service).spec.type ?? ""),
    text("Cluster-IP", (o) => (o as Service).spec.clusterIP ?? "<none>"),
    text("External-IP", (o) => externalIp(o as Service)),
    text("Port(s)", (o) => servicePorts(o as Service)),
    AGE,
    text("Selector", (o) => selectorText((o as Service).spec.selector), 1),
  ],
  Namespace: [
    NAME,
    text("Status", (o) => (o["status"] as { phase?: string } | undefined)?.phase ?? ""),
    AGE,
  ],
  Node: [
    NAME,
    text("Status", nodeState),
    text("Roles", () => "<none>"),
    AGE,
    text("Version", (o) => nodeInfo(o)["kubeletVersion"] ?? ""),
    text("Internal-IP", (o) => nodeAddress(o, "InternalIP"), 1),
    text("External-IP", (o) => nodeAddress(o, "ExternalIP"), 1),
    text("OS-Image", (o) => nodeInfo(o)["osImage"] ?? "", 1),
    text("Kernel-Version", (o) => nodeInfo(o)["kernelVersion"] ?? "", 1),
    text("Container-Runtime", (o) => nodeInfo(o)["containerRuntimeVersion"] ?? "", 1),
  ],
  Pod: [
    NAME,
    text("Ready", ready),
    text("Status", podState),
    { name: "Restarts", value: () => "0" },
    AGE,
    text("IP", (o) => podStatus(o)?.podIP ?? "<none>", 1),
    text("Node", (o) => (o as Pod).spec.nodeName ?? "<none>", 1),
    text("Nominated Node", () => "<none>", 1),
    text("Readiness Gates", () => "<none>", 1),
  ],
  Endpoints: [NAME, text("Endpoints", endpointsText), AGE],
  EndpointSlice: [
    NAME,
    text("AddressType", (o) => o["addressType"] ?? ""),
    text("Ports", (o) => slicePorts(o)),
    text("Endpoints", (o) => sliceAddresses(o)),
    AGE,
  ],
  NetworkPolicy: [
    NAME,
    text("Pod-Selector", (o) => {
      return selectorText((o as NetworkPolicy).spec?.podSelector?.matchLabels);
    }),
    AGE,
  ],
  ConfigMap: [NAME, { name: "Data", value: (o) => dataCount(o) }, AGE],
  Secret: [
    NAME,
    text("Type", (o) => o["type"] ?? ""),
    { name: "Data", type: "integer", value: (o) => dataCount(o) },
    AGE,
  ],
  ServiceAccount: [NAME, { name: "Secrets", type: "integer", value: () => 0 }, AGE],
  Lease: [
    NAME,
    text("Holder", (o) => {
      return (o["spec"] as { holderIdentity?: string } | undefined)?.holderIdentity ?? "";
    }),
    AGE,
  ],
  Event: [
    { name: "Last Seen", value: (o, now) => age(eventTime(o as Event), now) },
    text("Type", (o) => (o as Event).type ?? ""),
    text("Reason", (o) => (o as Event).reason ?? ""),
    text("Object", (o) => {
      const { kind = "", name = "" } = (o as Event).involvedObject ?? {};
      return `${kind.toLowerCase()}/${name}`;
    }),
    text("Message", (o) => ((o as Event).message ?? "").trim()),
    { ...NAME, priority: 1 },
  ],
};

function eventTime(event: Event): string | undefined {
  return event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
}

function dataCount(object: KubeObject): number {
  return Object.keys((object["data"] ?? {}) as object).length;
}

function endpointsText(object: KubeObject): string {
  type Subset = { addresses?: { ip: string }[]; ports?: { port: number }[] };
  const subsets = (object["subsets"] ?? []) as Subset[];
  const all = subsets.flatMap(({ addresses = [], ports = [] }) => {
    return addresses.flatMap(({ ip }) => ports.map(({ port }) => `${ip}:${port}`));
  });
  return some(all);
}

function slicePorts(object: KubeObject): string {
  const ports = (object["ports"] ?? []) as { port?: number }[];
  return some(
    ports.map(({ port }) => String(port ?? "*")),
    "<unset>",
  );
}

function sliceAddresses(object: KubeObject): string {
  const endpoints = (object["endpoints"] ?? []) as { addresses: string[] }[];
  return some(
    endpoints.flatMap(({ addresses }) => addresses),
    "<unset>",
  );
}

function some(values: string[], none = "<none>"): string {
  const shown = values.slice(0, 3).join(",");
  if (values.length > 3) return `${shown} + ${values.length - 3} more...`;
  return shown || none;
}

export function columnsOf(kind: string): Column[] {
  return COLUMNS[kind] ?? [NAME, { name: "Created At", value: AGE.value }];
}
