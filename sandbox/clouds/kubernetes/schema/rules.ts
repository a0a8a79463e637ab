/**
 * How lists and maps merge, and what is required: what Kubernetes' OpenAPI document says beyond names and types
 * (x-kubernetes-list-type, -list-map-keys, -patch-merge-key, -map-type), for the served kinds. A list that is not
 * here is atomic. https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */

export type ListRule =
  | { type: "atomic" /** Strategic merge only. */; mergeKey?: string }
  | { type: "set" }
  | {
      type: "map";
      keys: readonly string[];
      /** Values of keys that are absent from an item. */
      defaults?: Readonly<Record<string, string>>;
      /** Key of a strategic merge, the first of `keys`; absent where such a merge replaces the list. */
      mergeKey?: string;
      retainKeys?: boolean;
    };

const by = (key: string): ListRule => ({ type: "map", keys: [key], mergeKey: key });
const SET: ListRule = { type: "set" };
const byType = by("type");
const byName = by("name");
const withProtocol = (key: string): ListRule => ({
  type: "map",
  keys: [key, "protocol"],
  defaults: { protocol: "TCP" },
  mergeKey: key,
});
const retained = (key: string): ListRule => ({
  type: "map",
  keys: [key],
  mergeKey: key,
  retainKeys: true,
});

function container(model: string): Record<string, ListRule> {
  return {
    [`${model}.env`]: byName,
    [`${model}.ports`]: withProtocol("containerPort"),
    [`${model}.volumeDevices`]: by("devicePath"),
    [`${model}.volumeMounts`]: by("mountPath"),
  };
}

export const LISTS: Readonly<Record<string, ListRule>> = {
  "V1ObjectMeta.finalizers": SET,
  "V1ObjectMeta.ownerReferences": by("uid"),
  "V1NamespaceStatus.conditions": byType,
  "V1NodeSpec.podCIDRs": SET,
  "V1NodeStatus.addresses": byType,
  "V1NodeStatus.conditions": byType,
  ...container("V1Container"),
  ...container("V1EphemeralContainer"),
  "V1ResourceRequirements.claims": { type: "map", keys: ["name"] },
  "V1ContainerRestartRuleOnExitCodes.values": SET,
  "V1PodSpec.containers": byName,
  "V1PodSpec.ephemeralContainers": byName,
  "V1PodSpec.hostAliases": by("ip"),
  "V1PodSpec.imagePullSecrets": byName,
  "V1PodSpec.initContainers": byName,
  "V1PodSpec.resourceClaims": retained("name"),
  "V1PodSpec.schedulingGates": byName,
  "V1PodSpec.topologySpreadConstraints": {
    type: "map",
    keys: ["topologyKey", "whenUnsatisfiable"],
    mergeKey: "topologyKey",
  },
  "V1PodSpec.volumes": retained("name"),
  "V1PodStatus.conditions": byType,
  "V1PodStatus.hostIPs": { type: "atomic", mergeKey: "ip" },
  "V1PodStatus.podIPs": by("ip"),
  "V1PodStatus.resourceClaimStatuses": retained("name"),
  "V1ContainerStatus.allocatedResourcesStatus": byName,
  "V1ContainerStatus.volumeMounts": by("mountPath"),
  "V1ResourceStatus.resources": { type: "map", keys: ["resourceID"] },
  "V1ServiceSpec.ports": withProtocol("port"),
  "V1ServiceStatus.conditions": byType,
  "V1ServiceAccount.secrets": byName,
  "V1Endpoint.addresses": SET,
};

/** Models and map fields that are owned and replaced as a whole. */
export const ATOMIC: ReadonlySet<string> = new Set([
  "V1OwnerReference",
  "V1NodeSelector",
  "V1NodeSelectorTerm",
  "V1LabelSelector",
  "V1ConfigMapKeySelector",
  "V1SecretKeySelector",
  "V1FileKeySelector",
  "V1ObjectFieldSelector",
  "V1ResourceFieldSelector",
  "V1LocalObjectReference",
  "V1TypedLocalObjectReference",
  "V1ObjectReference",
  "V1EndpointAddress",
  "CoreV1EndpointPort",
  "DiscoveryV1EndpointPort",
  "V1PodSpec.nodeSelector",
  "V1ServiceSpec.selector",
]);

/** Required properties of what users write; status types are written by controllers only. */
export const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  V1OwnerReference: ["apiVersion", "kind", "name", "uid"],
  V1Taint: ["key", "effect"],
  V1NodeAddress: ["type", "address"],
  V1NodeCondition: ["type", "status"],
  V1NamespaceCondition: ["type", "status"],
  V1PodCondition: ["type", "status"],
  V1Condition: ["type", "status", "lastTransitionTime", "reason", "message"],
  V1PodSpec: ["containers"],
  V1Container: ["name"],
  V1EphemeralContainer: ["name"],
  V1ContainerPort: ["containerPort"],
  V1EnvVar: ["name"],
  V1Volume: ["name"],
  V1VolumeMount: ["name", "mountPath"],
  V1HTTPGetAction: ["port"],
  V1TCPSocketAction: ["port"],
  V1LabelSelectorRequirement: ["key", "operator"],
  V1NodeSelector: ["nodeSelectorTerms"],
  V1NodeSelectorRequirement: ["key", "operator"],
  V1ServicePort: ["port"],
  V1PortStatus: ["port", "protocol"],
  V1EndpointAddress: ["ip"],
  CoreV1EndpointPort: ["port"],
  CoreV1Event: ["metadata", "involvedObject"],
  EventsV1Event: ["eventTime"],
  V1EndpointSlice: ["addressType"],
  V1Endpoint: ["addresses"],
  V1IPBlock: ["cidr"],
  V1SelfSubjectAccessReview: ["spec"],
  V1SelfSubjectRulesReview: ["spec"],
  V1SubjectAccessReview: ["spec"],
  V1TokenReview: ["spec"],
};
