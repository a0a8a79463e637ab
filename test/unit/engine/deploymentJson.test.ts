import { beforeAll, describe, expect, test } from "vitest";
import {
  decodeSnapshot,
  encodeSnapshot,
  type Json,
  normalize,
} from "../../../sandbox/engine/deploymentJson.ts";
import { Crypter } from "../../../sandbox/engine/secrets.ts";
import { Secret } from "../../../sandbox/engine/value.ts";
import { state, urnOf } from "./states.ts";

let crypter: Crypter;
beforeAll(async () => {
  crypter = await Crypter.open("x");
});

const resources = (file: { deployment: Json }) => file.deployment["resources"] as Json[];

describe("the state as Pulumi's deployment", () => {
  const full = state("a", {
    inputs: { plain: 1, password: new Secret({ deep: ["hunter2"] }) },
    outputs: { token: new Secret("hunter2") },
    dependencies: [urnOf("z")],
    propertyDependencies: { plain: [urnOf("z")] },
    protect: true,
    importId: "imported",
    replacementTrigger: new Secret("t"),
    customTimeouts: { create: 300 },
    created: "2026-11-21T00:00:00.000Z",
  });

  test("is read back as it was", () => {
    const snapshot = {
      resources: [full],
      operations: [{ type: "updating" as const, resource: full }],
    };
    const text = JSON.stringify(encodeSnapshot(snapshot, crypter));
    expect(decodeSnapshot(JSON.parse(text), crypter)).toEqual(snapshot);
  });

  test("holds no secret in plain, unless that is asked for", () => {
    const snapshot = { resources: [full], operations: [] };
    expect(JSON.stringify(encodeSnapshot(snapshot, crypter))).not.toContain("hunter2");
    expect(JSON.stringify(encodeSnapshot(snapshot, crypter, true))).toContain("hunter2");
  });

  test("names its fields as Pulumi does, and leaves out empty ones", () => {
    const [json] = resources(encodeSnapshot({ resources: [full], operations: [] }, crypter));
    expect(json).toMatchObject({
      urn: urnOf("a"),
      custom: true,
      importID: "imported",
      protect: true,
    });
    for (const absent of ["parent", "delete", "initErrors", "aliases", "importId"])
      expect(json).not.toHaveProperty(absent);
  });

  test("keeps the text of a secret that did not change", () => {
    const file = encodeSnapshot({ resources: [full], operations: [] }, crypter);
    const again = encodeSnapshot(decodeSnapshot(file, crypter), crypter);
    expect(resources(again)).toEqual(resources(file));
  });
});

describe("a resource that was renamed by an alias", () => {
  const renamed = state("new", { aliases: [urnOf("old")] });

  test("is named so by all that refers to it", () => {
    const dependent = state("b", {
      dependencies: [urnOf("old")],
      propertyDependencies: { p: [urnOf("old")] },
      deletedWith: urnOf("old"),
      provider: `${urnOf("old")}::old-id`,
    });
    const { resources } = normalize({ resources: [renamed, dependent], operations: [] });
    expect(resources[0]?.aliases).toEqual([]);
    expect(JSON.stringify(resources[1])).not.toContain(urnOf("old"));
    expect(resources[1]?.provider).toBe(`${urnOf("new")}::old-id`);
  });

  test("takes along children that the run has not come to", () => {
    const component = "urn:pulumi:dev::shop::my:index:Group::";
    const group = state("g", {
      urn: `${component}new`,
      custom: false,
      aliases: [`${component}old`],
    });
    const childUrn = "urn:pulumi:dev::shop::my:index:Group$my:index:Thing::child";
    const child = state("child", { urn: childUrn, parent: `${component}old` });
    const { resources } = normalize({ resources: [group, child], operations: [] });
    expect(resources[1]?.parent).toBe(`${component}new`);
  });
});
