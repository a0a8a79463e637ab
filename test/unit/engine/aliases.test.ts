import { describe, expect, test } from "vitest";
import { aliasUrns } from "../../../sandbox/engine/aliases.ts";
import type { Alias } from "../../../sandbox/engine/state.ts";

const STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev";
const PARENT = "urn:pulumi:dev::shop::my:index:Group::new";
const OLD_PARENT = "urn:pulumi:dev::shop::my:index:Group::old";
const urn = (type: string, name: string) => `urn:pulumi:dev::shop::${type}::${name}`;

const context = (renamed: Record<string, string> = {}) => ({
  stack: "dev",
  project: "shop",
  oldUrnOf: (name: string) => renamed[name],
});
const resource = { name: "disk", type: "my:index:Disk", parent: STACK };

describe("aliases", () => {
  const cases: [string, Alias, string][] = [
    ["another name", { name: "drive" }, urn("my:index:Disk", "drive")],
    ["another type", { type: "my:index:Volume" }, urn("my:index:Volume", "disk")],
    ["another parent", { parent: PARENT }, urn("my:index:Group$my:index:Disk", "disk")],
    ["the stack as the parent", { parent: STACK }, urn("my:index:Disk", "disk")],
    ["another project", { project: "store" }, "urn:pulumi:dev::store::my:index:Disk::disk"],
    ["another stack", { stack: "prod" }, "urn:pulumi:prod::shop::my:index:Disk::disk"],
    ["a whole URN", { urn: "urn:pulumi:x::y::z:z:Z::z" }, "urn:pulumi:x::y::z:z:Z::z"],
  ];
  test.each(cases)("%s", (_name, alias, expected) => {
    expect(aliasUrns(context(), resource, [alias])).toEqual([expected]);
  });

  test("no parent instead of the one it has", () => {
    const child = { ...resource, parent: PARENT };
    expect(aliasUrns(context(), child, [{ noParent: true }])).toEqual([
      urn("my:index:Disk", "disk"),
    ]);
  });

  test("a child is sought under its parent's old name, its own name renamed with it", () => {
    const child = { name: "new-disk", type: "my:index:Disk", parent: PARENT };
    expect(aliasUrns(context({ [PARENT]: OLD_PARENT }), child, [])).toEqual([
      urn("my:index:Group$my:index:Disk", "old-disk"),
    ]);
  });

  test("a child's own alias and its parent's are combined", () => {
    const child = { name: "disk", type: "my:index:Disk", parent: PARENT };
    const found = aliasUrns(context({ [PARENT]: OLD_PARENT }), child, [
      { type: "my:index:Volume" },
    ]);
    expect(found).toEqual([
      urn("my:index:Group$my:index:Volume", "disk"),
      urn("my:index:Group$my:index:Disk", "disk"),
    ]);
  });
});
