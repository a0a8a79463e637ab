import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { createClient } from "@scaleway/sdk-client";
import { Vpcv2 } from "@scaleway/sdk-vpc";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environments, namespace } from "../../sandbox/world/fixtures.ts";
import { violationsOf } from "./rulesKept.ts";
import { only, reach, succeed, watchWrites } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

const [node = ""] = environments.find(({ name }) => name === "staging")?.nodes ?? [];
/** Another host of the cluster's network, and one of nowhere near. */
const NEIGHBOUR = "172.16.3.200";
const STRANGER = "10.0.0.9";

function services(): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromFile(stage.world.env["PRIVATE_LB_ADMIN_KUBECONFIG"] ?? "");
  config.setCurrentContext("staging");
  return config.makeApiClient(CoreV1Api);
}

const serviceOf = (stack: Stack, label: string) => ({
  namespace,
  name: `${stack.domain(label).split(".")[0]}-lb-private`,
});

/** What a node does with a connection from that source to the endpoint's node port: a word of its answer. */
async function fate(stack: Stack, label: string, source: string): Promise<"admitted" | string> {
  const { spec } = await services().readNamespacedService(serviceOf(stack, label));
  const nodePort = spec?.ports?.[0]?.nodePort ?? 0;
  const route = await stage.world.cluster("staging").route({ nodeAddress: node, nodePort, source });
  return "refused" in route ? route.refused : "admitted";
}

describe("the pods of an endpoint", () => {
  // A tool each: policies that select the same pods would admit what any of them does.
  test.each([
    { networkPolicy: "network", tool: "test", neighbour: true, stranger: false },
    { networkPolicy: "load-balancer", tool: "vault", neighbour: false, stranger: false },
    { networkPolicy: "off", tool: "dashboard", neighbour: true, stranger: true },
  ])(
    "under the policy $networkPolicy take what it admits only",
    async ({ networkPolicy, tool, neighbour, stranger }) => {
      const stack = stage.stack();
      const selector = { "app.kubernetes.io/name": tool };
      stack.declare(tool, { networkPolicy, selector });
      await succeed(stack.runner.up());
      const open = [expect.stringMatching(/^network-policies: has no NetworkPolicy for its pods/)];
      expect(await violationsOf(stack)).toEqual(networkPolicy === "off" ? open : []);
      const { addresses } = await only(stack);
      const expected = (isAdmitted: boolean, source: string) =>
        isAdmitted ? "admitted" : expect.stringContaining(`does not admit ${source}`);
      const balancer = addresses["staging"] ?? "";
      expect(await fate(stack, tool, balancer)).toBe("admitted");
      expect(await fate(stack, tool, NEIGHBOUR)).toEqual(expected(neighbour, NEIGHBOUR));
      expect(await fate(stack, tool, STRANGER)).toEqual(expected(stranger, STRANGER));
      expect((await reach(stage, stack.domain(tool))).status).toBe(200);
      await succeed(stack.runner.destroy());
    },
  );

  test("see a node instead of the load balancer under externalTrafficPolicy: Cluster, and refuse it", async () => {
    const stack = stage.stack();
    const selector = { "app.kubernetes.io/name": "vault" };
    stack.declare("cluster", { networkPolicy: "load-balancer", selector });
    await succeed(stack.runner.up());
    expect((await reach(stage, stack.domain("cluster"))).status).toBe(200);
    await services().patchNamespacedService(
      { ...serviceOf(stack, "cluster"), body: { spec: { externalTrafficPolicy: "Cluster" } } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    const { addresses } = await only(stack);
    const balancer = addresses["staging"] ?? "";
    expect(await fate(stack, "cluster", balancer)).toContain(`does not admit ${node} `);
    expect((await reach(stage, stack.domain("cluster"))).status).toBe(503);
    // The program takes its field back.
    await succeed(stack.runner.up({ refresh: true }));
    expect((await reach(stage, stack.domain("cluster"))).status).toBe(200);
    await succeed(stack.runner.destroy());
  });
});

describe("a protected stack", () => {
  const protect = (stack: Stack, value: "always" | "never") =>
    stack.configure((settings) => {
      settings["private-lb:protect"] = value;
    });

  test("is not destroyed, and loses nothing by the attempt", async () => {
    const stack = stage.stack();
    stack.declare("kept");
    protect(stack, "always");
    await succeed(stack.runner.up());
    const writes = watchWrites(stage.world);
    const refused = await stack.runner.destroy();
    expect(refused.ok).toBe(false);
    expect(refused.errors.join()).toContain("protected");
    expect(writes()).toEqual([]);
    expect((await reach(stage, stack.domain("kept"))).status).toBe(200);
    protect(stack, "never");
    await succeed(stack.runner.up());
    expect(writes()).toEqual([]);
    await succeed(stack.runner.destroy());
    expect(JSON.stringify(await stage.world.leftovers())).not.toContain(stack.domain("kept"));
  });
});

describe("a protected endpoint", () => {
  test("that is taken out of the configuration is refused before anything of it is deleted", async () => {
    const stack = stage.stack();
    stack.declare("stays");
    stack.declare("leaves");
    const configure = (protect: "always" | "never", edit: (endpoints: unknown[]) => unknown) =>
      stack.configure((settings) => {
        settings["private-lb:protect"] = protect;
        edit(settings["private-lb:endpoints"]);
      });
    configure("always", () => {});
    await succeed(stack.runner.up());
    configure("always", (endpoints) => endpoints.pop());
    const writes = watchWrites(stage.world);
    const refused = await stack.runner.up({ continueOnError: true });
    expect(refused.ok).toBe(false);
    expect(refused.errors.join()).toContain("protected");
    expect(writes()).toEqual([]);
    expect((await reach(stage, stack.domain("leaves"))).status).toBe(200);
    // As the documentation says: unprotect with the endpoint still there, then take it out.
    stack.declare("leaves");
    configure("never", () => {});
    await succeed(stack.runner.up());
    expect(writes()).toEqual([]);
    configure("always", (endpoints) => endpoints.pop());
    await succeed(stack.runner.up());
    expect(JSON.stringify(await stage.world.leftovers())).not.toContain(stack.domain("leaves"));
    expect((await reach(stage, stack.domain("stays"))).status).toBe(200);
  });
});

describe("private networks of one VPC", () => {
  /** What a preview says of an environment whose network shares its VPC with these others. */
  async function warnings(others: string[], prepare?: (vpcId: string) => Promise<unknown>) {
    const { scaleway } = stage.world;
    const stack = stage.stack();
    stack.declare("shared");
    const name = stack.domain("network").split(".")[0] ?? "";
    const { id: vpcId } = scaleway.addVpc({ name: `vpc-of-${name}` });
    [name, ...others].forEach((network, i) => {
      scaleway.addPrivateNetwork({ name: network, vpcId, subnet: `172.17.${4 * i}.0/22` });
    });
    await prepare?.(vpcId);
    stack.configure((settings) => {
      settings["private-lb:network"] = name;
    });
    const { diagnostics } = await succeed(stack.runner.preview());
    const said = diagnostics.filter(({ severity }) => severity === "warning");
    return { name, said: said.map(({ message }) => message) };
  }

  const vpcs = () => {
    const env = { ...stage.world.env, ...stage.world.owner };
    const client = createClient({
      apiURL: env["SCW_API_URL"] ?? "",
      accessKey: env["SCW_ACCESS_KEY"] ?? "",
      secretKey: env["SCW_SECRET_KEY"] ?? "",
      defaultRegion: "fr-par",
    });
    return new Vpcv2.API(client);
  };

  test("are warned of, by name, when it routes between them", async () => {
    const { name, said } = await warnings(["of-another-environment"]);
    expect(said).toEqual([
      expect.stringContaining(`${name}, of-another-environment share the VPC vpc-of-${name}`),
    ]);
  });

  test("are not warned of when a network ACL parts them, nor is a network by itself", async () => {
    const parted = await warnings(["parted-by-an-acl"], (vpcId) =>
      vpcs().setAcl({ vpcId, isIpv6: false, defaultPolicy: "drop", rules: [] }),
    );
    expect(parted.said).toEqual([]);
    expect((await warnings([])).said).toEqual([]);
  });
});
