/** What the API server tells of itself, and of who asks. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { READER, startCluster, type TestCluster } from "./cluster.ts";

let k8s: TestCluster;
beforeAll(async () => {
  k8s = await startCluster(READER);
});
afterAll(() => k8s.close());

describe("discovery", () => {
  test("names groups, resources and the version", async () => {
    const { body: version } = await k8s.raw("GET", "/version", { token: null });
    expect(version).toMatchObject({ major: "1", minor: "36" });
    const { body: groups } = await k8s.raw("GET", "/apis");
    expect(groups.groups.map((group: { name: string }) => group.name)).toContain(
      "networking.k8s.io",
    );
    const { body: core } = await k8s.raw("GET", "/api/v1");
    const names = core.resources.map((resource: { name: string }) => resource.name);
    expect(names).toEqual(
      expect.arrayContaining(["services", "services/status", "nodes", "events"]),
    );
    for (const path of ["/healthz", "/livez", "/readyz"]) {
      expect((await k8s.raw("GET", path, { token: null })).text).toBe("ok");
    }
  });

  test("comes in one piece when asked so", async () => {
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const { body, headers } = await k8s.raw("GET", "/api", { headers: { accept } });
    expect(headers["content-type"]).toContain("APIGroupDiscoveryList");
    expect(body.items[0].versions[0].resources.length).toBeGreaterThan(5);
  });

  test("has OpenAPI documents of both versions", async () => {
    const { body: v2 } = await k8s.raw("GET", "/openapi/v2");
    const ports = v2.definitions["io.k8s.api.core.v1.ServiceSpec"].properties.ports;
    expect(ports).toMatchObject({
      "x-kubernetes-list-map-keys": ["port", "protocol"],
      "x-kubernetes-patch-merge-key": "port",
    });
    const { body: index } = await k8s.raw("GET", "/openapi/v3");
    for (const { serverRelativeURL } of Object.values<{ serverRelativeURL: string }>(index.paths)) {
      const { body: v3 } = await k8s.raw("GET", serverRelativeURL);
      const text = JSON.stringify(v3);
      const referred = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
        ([, name]) => name,
      );
      expect(Object.keys(v3.components.schemas)).toEqual(expect.arrayContaining(referred));
    }
  });
});

test("reviews say what a token may do and whose it is", async () => {
  const review = (path: string, spec: object, token?: string) =>
    k8s.raw("POST", path, { body: { spec }, ...(token && { token }) });
  const access = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const asked = { resourceAttributes: { verb: "delete", resource: "services", namespace: "a" } };
  expect((await review(access, asked)).body.status.allowed).toBe(true);
  expect((await review(access, asked, "reader")).body.status.allowed).toBe(false);
  const tokens = "/apis/authentication.k8s.io/v1/tokenreviews";
  expect((await review(tokens, { token: "reader" })).body.status.user.username).toBe("reader");
  expect((await review(tokens, { token: "none" })).body.status.authenticated).toBeUndefined();
});
