/** Reviews of authorization.k8s.io and authentication.k8s.io: questions that are answered and not stored. */
import type { Kind } from "../kinds.ts";
import type { JsonObject, KubeObject } from "../types.ts";
import { type Identity, isAllowed, type Tokens } from "./auth.ts";

type ResourceAttributes = {
  verb?: string;
  group?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
};

type Spec = JsonObject & {
  token?: string;
  user?: string;
  groups?: string[];
  resourceAttributes?: ResourceAttributes;
};

/** The review with its `status`. */
export function answerReview(
  kind: Kind,
  review: KubeObject,
  identity: Identity,
  tokens: Tokens,
): KubeObject {
  const spec = (review["spec"] ?? {}) as Spec;
  return { ...review, status: statusOf(kind, spec, identity, tokens) };
}

function statusOf(kind: Kind, spec: Spec, identity: Identity, tokens: Tokens): JsonObject {
  switch (kind.kind) {
    case "TokenReview":
      return tokenStatus(tokens.get(spec.token ?? ""));
    case "SelfSubjectReview":
      return { userInfo: userInfo(identity) };
    case "SelfSubjectRulesReview":
      return rulesStatus(identity);
    case "SelfSubjectAccessReview":
      return accessStatus(identity, spec.resourceAttributes);
    default: {
      const asked = [...tokens.values()].find(({ user }) => user === spec.user);
      return asked ? accessStatus(asked, spec.resourceAttributes) : { allowed: false };
    }
  }
}

function userInfo({ user, groups = [] }: Identity): JsonObject {
  return { username: user, uid: user, groups: [...groups, "system:authenticated"] };
}

function tokenStatus(identity: Identity | undefined): JsonObject {
  if (!identity) return { user: {}, error: "[invalid bearer token]" };
  return { authenticated: true, user: userInfo(identity) };
}

function accessStatus(identity: Identity, asked: ResourceAttributes | undefined): JsonObject {
  if (!asked) return { allowed: true };
  const { verb = "*", group = "", resource = "*", subresource, namespace = "" } = asked;
  const allowed = isAllowed(identity, { verb, group, resource, subresource, namespace });
  return allowed ? { allowed, reason: "allowed by the sandbox's rules" } : { allowed };
}

function rulesStatus({ rules }: Identity): JsonObject {
  const everything = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
  const resourceRules = (rules ?? everything).map(({ apiGroups, resources, verbs }) => {
    return { apiGroups, resources, verbs };
  });
  const nonResourceRules = [{ nonResourceURLs: ["*"], verbs: rules ? ["get"] : ["*"] }];
  return { resourceRules, nonResourceRules, incomplete: false };
}
