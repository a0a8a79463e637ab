/** What the kubeconfig's user may do: SelfSubjectAccessReview, which answers without doing. */
import type { V1ResourceAttributes } from "@kubernetes/client-node";
import { clusterPrivileges, MANIFEST } from "../../../privileges/kubernetes.ts";
import { type Check, failed, list, ok } from "../check.ts";

/** What a run needs beside what the doctor reads, which says so itself where it may not. */
const RUN = new Map([
  ["services", "Services"],
  ["networkpolicies", "NetworkPolicies"],
]);

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
      needs().map(async ({ group, resource, verbs, kind }) => {
        const allowed = await Promise.all(
          verbs.map((verb) => isAllowed({ namespace, group, resource, verb })),
        );
        const refused = verbs.filter((_, i) => !allowed[i]);
        if (refused.length === 0) return [];
        const advice = `Bind the Role there that allows ${list(verbs)} on ${resource}: kubectl apply --namespace ${namespace} --filename ${MANIFEST}`;
        return [failed(`may not ${list(refused)} ${kind} in the namespace ${namespace}`, advice)];
      }),
    );
    const faults = (await Promise.all(asked)).flat();
    if (faults.length > 0) return faults;
    return [ok(`Services and NetworkPolicies in ${list(namespaces)} may be written`)];
  },
};

function needs() {
  return clusterPrivileges().namespaced.flatMap(({ apiGroups: [group = ""], resources, verbs }) =>
    resources.flatMap((resource) => {
      const kind = RUN.get(resource);
      return kind ? [{ group, resource, verbs, kind }] : [];
    }),
  );
}
