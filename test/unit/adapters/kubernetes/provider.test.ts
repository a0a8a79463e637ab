/** What the provider for Kubernetes refuses. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KubernetesProvider } from "../../../../sandbox/adapters/kubernetes/provider.ts";
import { Lifecycle } from "../lifecycle.ts";
import { SERVICE, serviceNamed, startWorld, type World } from "./world.ts";

let k8s: World;
beforeAll(async () => {
  k8s = await startWorld();
});
afterAll(() => k8s.close());

describe("the provider", () => {
  test("refuses a context that the kubeconfig has not, at the first call", async () => {
    const wrong = await k8s.newProvider({ context: "production" });
    await expect(new Lifecycle(wrong, SERVICE).create(serviceNamed("wrong"))).rejects.toThrow(
      'configured Kubernetes cluster is unreachable: context "production" does not exist; the kubeconfig has staging',
    );
  });

  test("refuses a kubeconfig that is not there, at the first call", async () => {
    const wrong = new KubernetesProvider({ KUBECONFIG: "/nonexistent/kubeconfig" });
    await wrong.configure({});
    await expect(new Lifecycle(wrong, SERVICE).create(serviceNamed("wrong"))).rejects.toThrow(
      "kubeconfig /nonexistent/kubeconfig: no such file",
    );
  });

  test("never shows the token in an error", async () => {
    const kubeconfig = k8s.cluster.kubeconfig();
    const token = "wrong-token-0123456789";
    const users = kubeconfig.users.map(({ name }) => ({ name, user: { token } }));
    const wrong = await k8s.newProvider({ kubeconfig: JSON.stringify({ ...kubeconfig, users }) });
    const attempt = new Lifecycle(wrong, SERVICE).create(serviceNamed("denied"));
    await expect(attempt).rejects.toThrow(/create Service ops-tools\/denied: 401 /);
    await expect(attempt).rejects.not.toThrow(token);
    await wrong.close();
  });

  test("refuses what the sandbox has not", async () => {
    await expect(k8s.newProvider({ renderYamlToDirectory: "/tmp/x" })).rejects.toThrow(
      "renderYamlToDirectory is not supported by the sandbox",
    );
    await expect(k8s.newProvider({ enableServerSideApply: "false" })).rejects.toThrow(
      "server-side apply only",
    );
  });
});
