/**
 * Field numbers of Kubernetes' protobuf messages: the generated.proto files of k8s.io/api and k8s.io/apimachinery
 * at v0.36. Names in the order of their numbers, which count up from 1; `17:name` jumps to 17. Pods are left out:
 * no client sends a pod in this form.
 */
const FIELDS: Record<string, string> = {
  V1Namespace: "metadata spec status",
  V1ObjectMeta:
    "name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels annotations ownerReferences finalizers 17:managedFields",
  V1OwnerReference: "kind 3:name uid apiVersion controller blockOwnerDeletion",
  V1NamespaceSpec: "finalizers",
  V1NamespaceStatus: "phase conditions",
  V1NamespaceCondition: "type status 4:lastTransitionTime reason message",
  V1ConfigMap: "metadata data binaryData immutable",
  V1Secret: "metadata data type stringData immutable",
  V1ServiceAccount: "metadata secrets imagePullSecrets automountServiceAccountToken",
  V1LocalObjectReference: "name",
  V1ObjectReference: "kind namespace name uid apiVersion resourceVersion fieldPath",
  V1Service: "metadata spec status",
  V1ServiceSpec:
    "ports selector clusterIP type externalIPs 7:sessionAffinity loadBalancerIP loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig 17:ipFamilyPolicy clusterIPs ipFamilies allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution",
  V1ServicePort: "name protocol port targetPort nodePort appProtocol",
  V1SessionAffinityConfig: "clientIP",
  V1ClientIPConfig: "timeoutSeconds",
  V1ServiceStatus: "loadBalancer conditions",
  V1Condition: "type status observedGeneration lastTransitionTime reason message",
  V1LoadBalancerStatus: "ingress",
  V1LoadBalancerIngress: "ip hostname ipMode ports",
  V1PortStatus: "port protocol error",
  V1Endpoints: "metadata subsets",
  V1EndpointSubset: "addresses notReadyAddresses ports",
  V1EndpointAddress: "ip targetRef hostname nodeName",
  CoreV1EndpointPort: "name port protocol appProtocol",
  V1Node: "metadata spec status",
  V1NodeSpec: "podCIDR externalID providerID unschedulable taints configSource podCIDRs",
  V1NodeConfigSource: "2:configMap",
  V1ConfigMapNodeConfigSource: "namespace name uid resourceVersion kubeletConfigKey",
  V1Taint: "key value effect timeAdded",
  V1NodeStatus:
    "capacity allocatable phase conditions addresses daemonEndpoints nodeInfo images volumesInUse volumesAttached config runtimeHandlers features declaredFeatures",
  V1NodeAddress: "type address",
  V1NodeCondition: "type status lastHeartbeatTime lastTransitionTime reason message",
  V1NodeConfigStatus: "assigned active lastKnownGood error",
  V1NodeDaemonEndpoints: "kubeletEndpoint",
  V1DaemonEndpoint: "Port",
  V1NodeFeatures: "supplementalGroupsPolicy",
  V1ContainerImage: "names sizeBytes",
  V1NodeSystemInfo:
    "machineID systemUUID bootID kernelVersion osImage containerRuntimeVersion kubeletVersion kubeProxyVersion operatingSystem architecture swap",
  V1NodeSwapStatus: "capacity",
  V1NodeRuntimeHandler: "name features",
  V1NodeRuntimeHandlerFeatures: "recursiveReadOnlyMounts userNamespaces",
  V1AttachedVolume: "name devicePath",
  CoreV1Event:
    "metadata involvedObject reason message source firstTimestamp lastTimestamp count type eventTime series action related reportingComponent reportingInstance",
  CoreV1EventSeries: "count lastObservedTime",
  V1EventSource: "component host",
  V1Lease: "metadata spec",
  V1LeaseSpec:
    "holderIdentity leaseDurationSeconds acquireTime renewTime leaseTransitions strategy preferredHolder",
  EventsV1Event:
    "metadata eventTime series reportingController reportingInstance action reason regarding related note type deprecatedSource deprecatedFirstTimestamp deprecatedLastTimestamp deprecatedCount",
  EventsV1EventSeries: "count lastObservedTime",
  V1EndpointSlice: "metadata endpoints ports addressType",
  V1Endpoint: "addresses conditions hostname targetRef deprecatedTopology nodeName zone hints",
  V1EndpointConditions: "ready serving terminating",
  V1EndpointHints: "forZones forNodes",
  V1ForNode: "name",
  V1ForZone: "name",
  DiscoveryV1EndpointPort: "name protocol port appProtocol",
  V1NetworkPolicy: "metadata spec",
  V1NetworkPolicySpec: "podSelector ingress egress policyTypes",
  V1NetworkPolicyEgressRule: "ports to",
  V1NetworkPolicyPort: "protocol port endPort",
  V1NetworkPolicyPeer: "podSelector namespaceSelector ipBlock",
  V1IPBlock: "cidr except",
  V1LabelSelector: "matchLabels matchExpressions",
  V1LabelSelectorRequirement: "key operator values",
  V1NetworkPolicyIngressRule: "ports from",
  V1SelfSubjectAccessReview: "metadata spec status",
  V1SelfSubjectAccessReviewSpec: "resourceAttributes nonResourceAttributes",
  V1NonResourceAttributes: "path verb",
  V1ResourceAttributes:
    "namespace verb group version resource subresource name fieldSelector labelSelector",
  V1FieldSelectorAttributes: "rawSelector requirements",
  V1FieldSelectorRequirement: "key operator values",
  V1LabelSelectorAttributes: "rawSelector requirements",
  V1SubjectAccessReviewStatus: "allowed reason evaluationError denied",
  V1SelfSubjectRulesReview: "metadata spec status",
  V1SelfSubjectRulesReviewSpec: "namespace",
  V1SubjectRulesReviewStatus: "resourceRules nonResourceRules incomplete evaluationError",
  V1NonResourceRule: "verbs nonResourceURLs",
  V1ResourceRule: "verbs apiGroups resources resourceNames",
  V1SubjectAccessReview: "metadata spec status",
  V1SubjectAccessReviewSpec: "resourceAttributes nonResourceAttributes user groups extra uid",
  V1LocalSubjectAccessReview: "metadata spec status",
  V1SelfSubjectReview: "metadata status",
  V1TokenReview: "metadata spec status",
  V1TokenReviewSpec: "token audiences",
  V1TokenReviewStatus: "authenticated user error audiences",
  V1UserInfo: "username uid groups extra",
  V1DeleteOptions:
    "gracePeriodSeconds preconditions orphanDependents propagationPolicy dryRun ignoreStoreReadErrorWithClusterBreakingPotential",
  V1Preconditions: "uid resourceVersion",
};

const parsed = new Map<string, ReadonlyMap<number, string>>();

/** Names of a model's fields by number; `undefined` for a model that is not decoded. */
export function fieldNumbers(model: string): ReadonlyMap<number, string> | undefined {
  const known = parsed.get(model);
  const fields = FIELDS[model];
  if (known || fields === undefined) return known;
  const numbers = new Map<number, string>();
  let next = 1;
  for (const entry of fields.split(" ")) {
    const [name = "", jump] = entry.split(":").reverse();
    if (jump !== undefined) next = Number(jump);
    numbers.set(next++, name);
  }
  parsed.set(model, numbers);
  return numbers;
}
