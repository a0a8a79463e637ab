import { expect, test } from "vitest";
import { PrivateNetworkAttachments } from "../../components/privateNetworkAttachments.ts";
import { balancer } from "./balancer.ts";
import { record, resolved } from "./recorder.ts";
import { ATTACHMENT, IP } from "./types.ts";

const networks = {
  production: { id: "fr-par/network-production" },
  monitoring: { id: "fr-par/network-monitoring" },
};

const both = (more: { tags?: string[]; protect?: boolean } = {}) =>
  record(
    () => new PrivateNetworkAttachments("test", { loadBalancer: balancer, networks, ...more }),
  );

test("each network gets an address and an attachment, named by the network", async () => {
  const { registrations } = await both();
  expect(registrations.slice(1).map(({ type, name }) => [type, name])).toEqual(
    expect.arrayContaining([
      [IP, "test-production-address"],
      [ATTACHMENT, "test-production"],
      [IP, "test-monitoring-address"],
      [ATTACHMENT, "test-monitoring"],
    ]),
  );
  expect(registrations).toHaveLength(5);
});

test("the address is reserved in its network, in the zone's region", async () => {
  const { one } = await both();
  expect(one(IP, "test-production-address").inputs).toEqual({
    region: "fr-par",
    sources: [{ privateNetworkId: "fr-par/network-production" }],
  });
});

test("a fixed address and tags are passed on", async () => {
  const fixed = { production: { id: "fr-par/network-production", address: "172.16.8.53" } };
  const { one } = await record(
    () =>
      new PrivateNetworkAttachments("test", {
        loadBalancer: balancer,
        networks: fixed,
        tags: ["environment=prod"],
      }),
  );
  expect(one(IP).inputs).toMatchObject({ address: "172.16.8.53", tags: ["environment=prod"] });
});

test("a change of the network replaces the address, the new one first", async () => {
  const { one } = await both();
  const { replaceOnChanges, deleteBeforeReplace } = one(IP, "test-production-address");
  expect({ replaceOnChanges, deleteBeforeReplace }).toEqual({
    replaceOnChanges: ["sources"],
    deleteBeforeReplace: false,
  });
});

test("the attachment carries exactly the reserved address", async () => {
  const { one } = await both();
  expect(one(ATTACHMENT, "test-monitoring").inputs).toEqual({
    lbId: balancer.loadBalancerId,
    privateNetworkId: "fr-par/network-monitoring",
    ipamIpIds: "fr-par/id-of-test-monitoring-address",
    zone: "fr-par-1",
  });
});

test("the attachment is detached before it is replaced, and whenever its load balancer goes", async () => {
  const { one } = await both();
  const { deleteBeforeReplace, deletedWith } = one(ATTACHMENT, "test-production");
  expect({ deleteBeforeReplace, deletedWith }).toEqual({
    deleteBeforeReplace: true,
    deletedWith: "",
  });
});

test("protection is for the addresses only", async () => {
  const { registrations } = await both({ protect: true });
  const isProtected = registrations.filter(({ protect }) => protect).map(({ type }) => type);
  expect(isProtected).toEqual([IP, IP]);
});

test("its outputs give address, id and internal name by network", async () => {
  const { result } = await both();
  const { addresses, addressIds, internalNames } = result;
  expect(Object.keys(addresses)).toEqual(["production", "monitoring"]);
  expect(await resolved(addresses["monitoring"])).toBe("172.16.12.2");
  expect(await resolved(addressIds["production"])).toBe("fr-par/id-of-test-production-address");
  expect(await resolved(internalNames["production"])).toBe(
    "private-lb-prod-test.production.internal",
  );
});
