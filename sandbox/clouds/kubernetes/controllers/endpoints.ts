/** Endpoints and EndpointSlices of Services with a selector, from their pods. */
import { kindNamed, storageKey } from "../kinds.ts";
import type { Registry } from "../registry.ts";
import { matchesLabels } from "../selectors.ts";
import {
  type JsonObject,
  jsonEquals,
  type KubeObject,
  type Pod,
  type Service,
  type ServicePort,
} from "../types.ts";
import { keyOf, type Loop, splitKey, startLoop } from "./loop.ts";

const MANAGER = "kube-controller-manager";

export function isReady(pod: Pod): boolean {
  const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" && !pod.metadata.deletionTimestamp;
}

/** The number that a Service's targetPort is on a pod; `undefined` when the pod has no such port. */
export function targetPort({ port, targetPort: target = port, protocol }: ServicePort, pod: Pod) {
  if (typeof target === "number") return target;
  const ports = (pod.spec.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.find((one) => one.name === target && one.protocol === protocol)?.containerPort;
}

export function podsOf(registry: Registry, service: Service): Pod[] {
  const { selector } = service.spec;
  if (!selector || Object.keys(selector).length === 0) return [];
  const pods = registry.list(kindNamed("Pod"), service.metadata.namespace) as Pod[];
  return pods.filter((pod) => {
    return pod.status?.podIP && matchesLabels({ matchLabels: selector }, pod.metadata.labels);
  });
}

export function startEndpointsController(registry: Registry): Loop {
  const [services, pods] = [kindNamed("Service"), kindNamed("Pod")];
  return startLoop(
    registry.store,
    ({ key, object }) => {
      if (key === storageKey(services)) return [keyOf(object)];
      if (key !== storageKey(pods)) return [];
      return registry.list(services, object.metadata.namespace).map(keyOf);
    },
    (keys) => {
      for (const key of keys) reconcile(registry, key);
    },
  );
}

function reconcile(registry: Registry, key: string): void {
  const { namespace, name } = splitKey(key);
  const service = registry.find({ kind: kindNamed("Service"), namespace, name }) as
    | Service
    | undefined;
  if (!service || service.metadata.deletionTimestamp) {
    removeFor(registry, namespace, name);
    return;
  }
  if (!service.spec.selector || service.spec.type === "ExternalName") return;
  const pods = podsOf(registry, service);
  write(registry, "Endpoints", namespace, name, {
    metadata: { name, labels: { "endpoints.kubernetes.io/managed-by": "endpoint-controller" } },
    subsets: subsets(service, pods),
  });
  const slice = findSlice(registry, namespace, name)?.metadata.name;
  write(registry, "EndpointSlice", namespace, slice ?? "", sliceOf(service, pods, slice));
}

function findSlice(registry: Registry, namespace: string, service: string): KubeObject | undefined {
  return registry
    .list(kindNamed("EndpointSlice"), namespace)
    .find(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === service);
}

function removeFor(registry: Registry, namespace: string, name: string): void {
  const endpoints = { kind: kindNamed("Endpoints"), namespace, name };
  if (registry.find(endpoints)) registry.delete(endpoints);
  const slice = findSlice(registry, namespace, name);
  if (!slice || slice.metadata.deletionTimestamp) return;
  registry.delete({ kind: kindNamed("EndpointSlice"), namespace, name: slice.metadata.name });
}

function write(
  registry: Registry,
  kindName: string,
  namespace: string,
  name: string,
  wanted: JsonObject,
) {
  const kind = kindNamed(kindName);
  const target = { kind, namespace, name };
  const current = name ? registry.find(target) : undefined;
  const apiVersion = kind.group ? `${kind.group}/v1` : "v1";
  const object = { apiVersion, kind: kindName, ...wanted } as KubeObject;
  if (!current) {
    registry.create(kind, namespace, object, { manager: MANAGER });
    return;
  }
  const { metadata: _, ...content } = object;
  const same = Object.entries(content).every(([field, value]) => jsonEquals(current[field], value));
  if (same) return;
  registry.update(target, { manager: MANAGER }, (now) => ({ ...now, ...content }));
}

function targetRef({ metadata }: Pod): JsonObject {
  const { name, namespace, uid } = metadata;
  return { kind: "Pod", name, namespace, uid };
}

function subsets(service: Service, pods: Pod[]): JsonObject[] {
  const address = (pod: Pod): JsonObject => ({
    ip: pod.status?.podIP,
    nodeName: pod.spec.nodeName,
    targetRef: targetRef(pod),
  });
  const byPorts = new Map<string, Pod[]>();
  for (const pod of pods) {
    const ports = JSON.stringify(endpointPorts(service, pod));
    byPorts.set(ports, [...(byPorts.get(ports) ?? []), pod]);
  }
  return [...byPorts].map(([ports, members]) => {
    const ready = members.filter(isReady);
    const waiting = members.filter((pod) => !isReady(pod));
    return {
      ...(ready.length > 0 && { addresses: ready.map(address) }),
      ...(waiting.length > 0 && { notReadyAddresses: waiting.map(address) }),
      ports: JSON.parse(ports) as JsonObject[],
    };
  });
}

function endpointPorts(service: Service, pod: Pod | undefined): JsonObject[] {
  return (service.spec.ports ?? []).flatMap((port): JsonObject[] => {
    const number = pod ? targetPort(port, pod) : Number(port.targetPort) || undefined;
    if (number === undefined) return [];
    return [{ ...(port.name && { name: port.name }), port: number, protocol: port.protocol }];
  });
}

function sliceOf(service: Service, pods: Pod[], existing: string | undefined): JsonObject {
  const { name, uid = "" } = service.metadata;
  return {
    metadata: {
      ...(existing ? { name: existing } : { generateName: `${name}-` }),
      labels: {
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": name,
      },
      ownerReferences: [
        {
          apiVersion: "v1",
          kind: "Service",
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    addressType: "IPv4",
    endpoints: pods.map((pod) => ({
      addresses: [pod.status?.podIP ?? ""],
      conditions: {
        ready: isReady(pod),
        serving: isReady(pod),
        terminating: pod.metadata.deletionTimestamp !== undefined,
      },
      nodeName: pod.spec.nodeName,
      targetRef: targetRef(pod),
    })),
    ports: endpointPorts(service, pods[0]).map((port) => ({ name: "", ...port })),
  };
}
