import { expect, test } from "vitest";
import { adviceOn } from "../../components/failureAdvice.ts";
import { ALERT_MANAGER, BALANCER, RECORD, SERVICE } from "./types.ts";

const on = (type: string, error: string) =>
  adviceOn({ type, name: "test.example.com", failedOperation: "create", errors: [error] });

test.each<[string, string, string]>([
  [
    BALANCER,
    "1 error occurred:\n\t* timeout while waiting for state",
    "Once it is ready, run again",
  ],
  [BALANCER, "quota exceeded(s): LbLbs has reached its quota (5/5)", "raise the quota"],
  [BALANCER, "scaleway-sdk-go: http error 403 Forbidden", "need LoadBalancersFullAccess"],
  [
    ALERT_MANAGER,
    "scaleway-sdk-go: insufficient permissions: write cockpit",
    "ObservabilityFullAccess",
  ],
  [BALANCER, "scaleway-sdk-go: resource is still in use", "what else holds it"],
  [BALANCER, "scaleway-sdk-go: resource private_network is not found", "pulumi refresh"],
  [BALANCER, "it cannot be deleted because it is protected", "private-lb:protect"],
  [BALANCER, "something new", "Put right what that says"],
  [SERVICE, "configured Kubernetes cluster is unreachable", "Check KUBECONFIG"],
  [SERVICE, 'services is forbidden: User "ci" cannot patch', "needs all rights"],
  [RECORD, "403 Forbidden: Authentication error", "Zone.DNS:Edit"],
])("of %s that fails with «%s» the advice is «%s»", (type, error, advice) => {
  const said = on(type, error);
  expect(said).toContain(advice);
  expect(said).toContain(error.replaceAll(/\s+/g, " "));
  expect(said).toMatch(/^test\.example\.com: create of (its|the) /);
});

test("what tells its own advice gets none", () => {
  expect(on("pulumi-nodejs:dynamic/acme:Certificate", "timeout")).toBeUndefined();
});
