/** What the kubeconfig's user may do: SelfSubjectAccessReview, which answers without doing. */
import type { V1ResourceAttributes } from "@kubernetes/client-node";
import { type Check, failed, list, ok } from "../check.ts";

const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete"];
const RESOURCES = [
  { group: "", resource: "services", kind: "Services" },
  { group: "networking.k8s.io", resource: "networkpolicies", kind: "NetworkPolicies" },
];

export const rightsCheck: Check = {
  title: "Rights in the cluster",
  async run(context) {
    const { AuthorizationV1Api } = await import("@kubernetes/client-node");
    const api = (await context.kubernetes()).makeApiClient(AuthorizationV1Api);
    const isAllowed = async (resourceAttributes: V1ResourceAttributes) => {
      const body = { spec: { resourceAttributes } };
      return (await api.createSelfSubjectAccessReview({ body })).status?.allowed === true;
    };
    const namespaces = [...new Set(context.config.endpoints.map(({ namespace }) => namespace))];
    const asked = namespaces.flatMap((namespace) =>
      RESOURCES.map(async ({ group, resource, kind }) => {
        const allowed = await Promise.all(
          VERBS.map((verb) => isAllowed({ namespace, group, resource, verb })),
        );
        const refused = VERBS.filter((_, i) => !allowed[i]);
        if (refused.length === 0) return [];
        const advice = `Bind a Role there that allows ${list(VERBS)} on ${resource}`;
        return [failed(`may not ${list(refused)} ${kind} in the namespace ${namespace}`, advice)];
      }),
    );
    const faults = (await Promise.all(asked)).flat();
    if (faults.length > 0) return faults;
    return [ok(`Services and NetworkPolicies in ${list(namespaces)} may be written`)];
  },
};
