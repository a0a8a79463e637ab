import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../policy/rule.ts";
import {
  noPublicAddress,
  onlyDeclaredNetworks,
  privateRecords,
  reservedRecords,
} from "../../../policy/rules/network.ts";
import { address, attachment, balancer, record, resource, said } from "./resources.ts";

describe("no-public-address", () => {
  test("a load balancer without a flexible address passes", () => {
    expect(said(noPublicAddress, [balancer()])).toEqual([]);
    expect(said(noPublicAddress, [balancer({ assignFlexibleIp: UNKNOWN, ipIds: [] })])).toEqual([]);
  });

  test.each([
    [{ assignFlexibleIp: true }, /^assignFlexibleIp must be false, and is true/],
    [{ assignFlexibleIp: undefined }, /^assignFlexibleIp must be false, and is nothing/],
    [{ assignFlexibleIpv6: true }, /^assignFlexibleIpv6 must not be set/],
    [{ ipIds: ["fr-par-1/i1"] }, /^ipIds must not be set, and is \["fr-par-1\/i1"\]/],
    [{ ipAddress: "51.15.0.1" }, /^ipAddress must not be set/],
  ])("one with %j fails", (more, message) => {
    const [first, ...others] = said(noPublicAddress, [balancer(more)]);
    expect(first).toMatch(message);
    expect(others).toEqual([]);
  });

  test("a flexible address of its own fails", () => {
    const ip = resource("scaleway:loadbalancers/ip:Ip", "ip", {});
    expect(said(noPublicAddress, [ip])).toEqual([
      "is a public address of a load balancer: take it out",
    ]);
  });
});

describe("only-declared-networks", () => {
  const own = attachment("production", "fr-par/n1");
  const peer = attachment("monitoring", "fr-par/n2");

  test("the networks of the stack's file pass", () => {
    expect(said(onlyDeclaredNetworks, [balancer(), own, peer])).toEqual([]);
    expect(said(onlyDeclaredNetworks, [attachment("production", UNKNOWN), peer])).toEqual([]);
  });

  test("another network fails", () => {
    expect(said(onlyDeclaredNetworks, [own, attachment("office", "fr-par/n3")])).toEqual([
      'attaches the network "fr-par/n3", which the stack\'s file does not name there',
    ]);
  });

  test("a network under the name of another fails", () => {
    const twice = said(onlyDeclaredNetworks, [own, attachment("monitoring", "n1")]);
    expect(twice).toHaveLength(2);
    expect(twice[0]).toMatch(/^attaches another network than its name says/);
    const vault = { ...attachment("", "fr-par/n2"), name: "vault.example.com-production" };
    expect(said(onlyDeclaredNetworks, [own, vault])).toHaveLength(2);
  });

  test("a network that the pack's networks leave out fails", () => {
    const options = { networks: ["n1"] };
    expect(said(onlyDeclaredNetworks, [own], {}, options)).toEqual([]);
    expect(said(onlyDeclaredNetworks, [own, peer], {}, options)).toEqual([
      "attaches the network fr-par/n2, which is not among those that the pack's networks allow",
    ]);
  });

  test("a list within the load balancer fails, where it is not what the attachments read back as", () => {
    const privateNetworks = [{ privateNetworkId: "fr-par/n3" }];
    expect(said(onlyDeclaredNetworks, [balancer({ privateNetworks })])).toEqual([]);
    const more = { privateNetworks, externalPrivateNetworks: false };
    expect(said(onlyDeclaredNetworks, [balancer(more)])).toHaveLength(1);
  });
});

describe("private-records", () => {
  test.each(["10.0.0.1", "172.16.8.2", "192.168.1.1", UNKNOWN])(
    "an A record to %s passes",
    (content) => {
      expect(said(privateRecords, [record({ content })])).toEqual([]);
    },
  );

  test.each([
    [{ content: "51.15.0.1" }, "must have a private address, and has 51.15.0.1"],
    [{ content: "172.32.0.1" }, "must have a private address, and has 172.32.0.1"],
    [
      { type: "CNAME", content: "public.example.org" },
      'must be an A record, and is "CNAME": what else it leads to cannot be checked',
    ],
    [{ proxied: true }, "must not be proxied: Cloudflare would answer for it in public"],
  ])("one with %j fails", (more, message) => {
    expect(said(privateRecords, [record(more)])).toEqual([message]);
  });
});

describe("records-are-reserved", () => {
  test("a record to the reserved address passes", () => {
    expect(said(reservedRecords, [address(), record()])).toEqual([]);
    expect(said(reservedRecords, [address(UNKNOWN), record({ content: UNKNOWN })])).toEqual([]);
  });

  test("one to any other address fails", () => {
    expect(said(reservedRecords, [address(), record({ content: "172.16.8.3" })])).toEqual([
      "leads to 172.16.8.3, which the stack has not reserved: its owner may change",
    ]);
  });
});
