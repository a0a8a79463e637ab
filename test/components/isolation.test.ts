import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";
import type { Vpc } from "../../components/inventory.ts";
import { warnOfSharedVpcs } from "../../components/isolation.ts";

const network = (vpcId?: string) => ({ id: "fr-par/network", ranges: [], vpcId });
const shared: Vpc = { name: "platform", networks: ["b", "a"], isRouted: true, hasAcl: false };

/** What is said of two networks in the VPCs of these ids. */
async function said(vpcIds: (string | undefined)[], vpc: () => Promise<Vpc>): Promise<string[]> {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const networks = Object.fromEntries(vpcIds.map((id, i) => [`network-${i}`, network(id)]));
  await warnOfSharedVpcs({ networks, zoneIds: {} }, "fr-par-1", { vpc });
  const messages = warn.mock.calls.map(([message]) => message);
  warn.mockRestore();
  return messages;
}

test.each<[string, Partial<Vpc>, number]>([
  ["routes between two networks", {}, 1],
  ["holds one network", { networks: ["a"] }, 0],
  ["does not route", { isRouted: false }, 0],
  ["has a network ACL", { hasAcl: true }, 0],
])("a VPC that %s", async (_, parts, count) => {
  const messages = await said(["fr-par/1"], async () => ({ ...shared, ...parts }));
  expect(messages).toHaveLength(count);
  for (const message of messages) expect(message).toContain("a, b share the VPC platform");
});

test("one VPC of several networks is warned of once", async () => {
  expect(await said(["fr-par/1", "fr-par/1"], async () => shared)).toHaveLength(1);
});

test("a check that cannot be made is a warning and no failure", async () => {
  const messages = await said(["fr-par/1"], () => Promise.reject(new Error("403 forbidden")));
  expect(messages).toEqual([expect.stringMatching(/fr-par\/1 could not be checked: 403/)]);
});

test("a network of no known VPC is not asked about", async () => {
  expect(await said([undefined], () => Promise.reject(new Error("asked")))).toEqual([]);
});
