import { expect, test } from "vitest";
import { PrivateLoadBalancer } from "../../components/privateLoadBalancer.ts";
import { record, resolved } from "./recorder.ts";
import { BALANCER } from "./types.ts";

const args = {
  loadBalancerName: "private-lb-prod-test",
  description: "Private endpoint https://test.example.com",
  tags: ["environment=prod", "domain=test.example.com", "stack=private-lb.prod"],
};

test("it makes one load balancer, named and tagged as it is told, without a public address", async () => {
  const { types, one } = await record(() => new PrivateLoadBalancer("test.example.com", args));
  expect(types()).toEqual(["private-lb:index:PrivateLoadBalancer", BALANCER]);
  expect(one(BALANCER).name).toBe("test.example.com");
  expect(one(BALANCER).inputs).toEqual({
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
  expect(one(BALANCER).deleteBeforeReplace).toBe(false);
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
  expect(one(BALANCER).protect).toBe(expected);
});

test("zone and type are the caller's", async () => {
  const { one } = await record(
    () => new PrivateLoadBalancer("t", { ...args, zone: "nl-ams-2", type: "LB-GP-M" }),
  );
  expect(one(BALANCER).inputs).toMatchObject({ zone: "nl-ams-2", type: "LB-GP-M" });
});

test("its level of TLS compatibility is the caller's", async () => {
  const { one } = await record(
    () => new PrivateLoadBalancer("t", { ...args, tlsCompatibility: "modern" }),
  );
  expect(one(BALANCER).inputs["sslCompatibilityLevel"]).toBe("ssl_compatibility_level_modern");
});

test("its outputs refer to the load balancer", async () => {
  const { result } = await record(() => new PrivateLoadBalancer("test.example.com", args));
  expect(await resolved(result.loadBalancerId)).toBe("fr-par-1/id-of-test.example.com");
  expect(await resolved(result.loadBalancerName)).toBe("private-lb-prod-test");
  expect(await resolved(result.zone)).toBe("fr-par-1");
});
