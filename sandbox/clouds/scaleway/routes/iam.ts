/** IAM API v1alpha1, reading only: https://www.scaleway.com/en/developers/api/iam/ */
import type { FastifyInstance } from "fastify";
import { notFound } from "../errors.ts";
import { type Routes, routesBelow } from "../http.ts";
import { listed } from "../query.ts";
import type { Store } from "../store.ts";

/** The application to which the sandbox's one API key belongs, and its one policy. */
export function registerIam(app: FastifyInstance, store: Store, accessKey: string): void {
  const { owner, settings } = store;
  const stamps = store.stamps();
  const [applicationId, policyId, ruleId] = [store.newId(), store.newId(), store.newId()];
  const iam = routesBelow(app, "/iam/v1alpha1");
  iam.get("/api-keys/:id", ({ id }) => {
    if (id !== accessKey) throw notFound("api_key", id);
    return {
      ...stamps,
      access_key: accessKey,
      secret_key: null,
      application_id: applicationId,
      description: "private-lb sandbox",
      default_project_id: owner.projectId,
      editable: true,
      deletable: true,
      managed: false,
      creation_ip: "127.0.0.1",
      expires_at: settings.keyExpiresAt ?? null,
    };
  });
  iam.get("/policies", ({ query }) => {
    const policy = { ...stamps, id: policyId, name: "private-lb", application_id: applicationId };
    const found = query.isOneOf("application_ids", applicationId) ? [policy] : [];
    return listed(query, "policies", found, (each) => ({
      ...each,
      description: "",
      organization_id: owner.organizationId,
      editable: true,
      nb_rules: 1,
      tags: [],
    }));
  });
  iam.get("/rules", ({ query }) => {
    const rules = query.is("policy_id", policyId) ? [{ ...stamps, id: ruleId }] : [];
    return listed(query, "rules", rules, ({ id }) => ({
      id,
      permission_set_names: settings.permissionSets,
      permission_sets_scope_type: "projects",
      project_ids: [owner.projectId],
      condition: "",
    }));
  });
  quota(iam, store);
}

function quota(iam: Routes, store: Store): void {
  iam.get("/quota", ({ query }) => {
    const all = Object.entries(store.settings.quota).map(([name, limit]) => ({
      ...{
        name,
        created_at: name,
        pretty_name: name.replaceAll("_", " "),
        unit: "",
        description: "",
      },
      ...{ limit, locality_type: "global", limits: [{ global: true, limit }] },
    }));
    const named = all.filter(({ name }) => query.isOneOf("quotum_names", name));
    return listed(query, "quota", named, ({ created_at: _, ...quotum }) => quotum);
  });
}
