import { expect, test } from "vitest";
import { PrivateLoadBalancer } from "../../components/privateLoadBalancer.ts";
import { record, resolved } from "./recorder.ts";

const args = {
  loadBalancerName: "private-lb-prod-test",
  description: "Private endpoint https://test.example.com",
  tags: ["environment=prod", "domain=test.example.com", "stack=private-lb.prod"],
};
const TYPE = "scaleway:loadbalancers/loadBalancer:LoadBalancer";

test("it makes one load balancer, named and tagged as it is told, without a public address", async () => {
  const { types, one } = await record(() => new PrivateLoadBalancer("test.example.com", args));
  expect(types()).toEqual(["private-lb:index:PrivateLoadBalancer", TYPE]);
  expect(one(TYPE).name).toBe("test.example.com");
  expect(one(TYPE).inputs).toEqual({
    name: "private-lb-prod-test",
    description: "Private endpoint https://test.example.com",
    tags: ["environment=prod", "domain=test.example.com", "stack=private-lb.prod"],
    type: "LB-S",
    zone: "fr-par-1",
    sslCompatibilityLevel: "ssl_compatibility_level_intermediate",
    assignFlexibleIp: false,
    externalPrivateNetworks: true,
  });
});

test("a replacement is created before the old one is deleted, though its name is set", async () => {
  const { one } = await record(() => new PrivateLoadBalancer("test.example.com", args));
  expect(one(TYPE).deleteBeforeReplace).toBe(false);
});

test.each([
  [true, true],
  [false, false],
  [undefined, false],
])("with protect %s it is protected: %s", async (protect, expected) => {
  const { one } = await record(
    () =>
      new PrivateLoadBalancer("test.example.com", {
        ...args,
        ...(protect === undefined ? {} : { protect }),
      }),
  );
  expect(one(TYPE).protect).toBe(expected);
});

test("zone and type are the caller's", async () => {
  const { one } = await record(
    () => new PrivateLoadBalancer("t", { ...args, zone: "nl-ams-2", type: "LB-GP-M" }),
  );
  expect(one(TYPE).inputs).toMatchObject({ zone: "nl-ams-2", type: "LB-GP-M" });
});

test("its level of TLS compatibility is the caller's", async () => {
  const { one } = await record(
    () => new PrivateLoadBalancer("t", { ...args, tlsCompatibility: "modern" }),
  );
  expect(one(TYPE).inputs["sslCompatibilityLevel"]).toBe("ssl_compatibility_level_modern");
});

test("its outputs refer to the load balancer", async () => {
  const { result } = await record(() => new PrivateLoadBalancer("test.example.com", args));
  expect(await resolved(result.loadBalancerId)).toBe("fr-par-1/id-of-test.example.com");
  expect(await resolved(result.loadBalancerName)).toBe("private-lb-prod-test");
  expect(await resolved(result.zone)).toBe("fr-par-1");
});
