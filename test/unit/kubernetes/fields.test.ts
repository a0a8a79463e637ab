import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apply, trackUpdate } from "../../../sandbox/clouds/kubernetes/fields/apply.ts";
import {
  type Manager,
  readOwnership,
  writeOwnership,
} from "../../../sandbox/clouds/kubernetes/fields/managed.ts";
import { FieldSet, printPath } from "../../../sandbox/clouds/kubernetes/fields/set.ts";
import { compare, fieldsOf, merge } from "../../../sandbox/clouds/kubernetes/fields/typed.ts";
import { schemaOf } from "../../../sandbox/clouds/kubernetes/schema/schema.ts";
import type { JsonObject } from "../../../sandbox/clouds/kubernetes/types.ts";

const SERVICE = schemaOf("V1Service");
const manager = (name: string, operation: Manager["operation"] = "Apply"): Manager => ({
  name,
  operation,
  apiVersion: "v1",
});

const port = (number: number, more: JsonObject = {}) => ({ port: number, ...more });
const spec = (content: JsonObject) => ({ spec: content });

describe("a set of fields", () => {
  test("is written as FieldsV1 and read back the same", () => {
    const paths = fc.array(
      fc.array(fc.constantFrom("f:a", "f:b", 'k:{"port":1}', 'v:"x"'), {
        minLength: 1,
        maxLength: 4,
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(paths, (some) => {
        const set = FieldSet.of(...some);
        expect(FieldSet.parse(set.toFieldsV1()).equals(set)).toBe(true);
      }),
    );
  });

  test("marks a member that has members below with a dot", () => {
    const set = FieldSet.of(["f:metadata", "f:labels"], ["f:metadata", "f:labels", "f:a"]);
    expect(set.toFieldsV1()).toEqual({ "f:metadata": { "f:labels": { ".": {}, "f:a": {} } } });
  });

  test("prints a path as conflicts do", () => {
    const path = ["f:spec", "f:ports", 'k:{"port":443,"protocol":"TCP"}', "f:targetPort"];
    expect(printPath(path)).toBe('.spec.ports[port=443,protocol="TCP"].targetPort');
  });
});

describe("the fields of an object", () => {
  test("name list items by their keys, with the default protocol", () => {
    expect(fieldsOf(spec({ ports: [port(443, { name: "https" })] }), SERVICE).toFieldsV1()).toEqual(
      {
        "f:spec": {
          "f:ports": {
            'k:{"port":443,"protocol":"TCP"}': { ".": {}, "f:name": {}, "f:port": {} },
          },
        },
      },
    );
  });

  test("stop at what is atomic", () => {
    const object = spec({ selector: { a: "b" }, loadBalancerSourceRanges: ["10.0.0.0/8"] });
    expect(fieldsOf(object, SERVICE).toFieldsV1()).toEqual({
      "f:spec": { "f:loadBalancerSourceRanges": {}, "f:selector": {} },
    });
  });

  test("of a finalizer are its value", () => {
    const object = { metadata: { finalizers: ["a/b"] } };
    expect(fieldsOf(object, SERVICE).toFieldsV1()).toEqual({
      "f:metadata": { "f:finalizers": { 'v:"a/b"': {} } },
    });
  });
});

test("a comparison tells added, modified and removed fields", () => {
  const before = spec({ type: "ClusterIP", ports: [port(1, { name: "a" }), port(2)] });
  const after = spec({ type: "NodePort", ports: [port(1, { targetPort: 9 })] });
  const { added, modified, removed } = compare(before, after, SERVICE);
  const one = ["f:spec", "f:ports", 'k:{"port":1,"protocol":"TCP"}'];
  expect(added.paths()).toEqual([[...one, "f:targetPort"]]);
  expect(modified.paths()).toEqual([["f:spec", "f:type"]]);
  expect(removed.has([...one, "f:name"])).toBe(true);
  expect(removed.has(["f:spec", "f:ports", 'k:{"port":2,"protocol":"TCP"}'])).toBe(true);
});

test("a merge keeps what is not applied, and the order of what is", () => {
  const live = spec({ ports: [port(1, { nodePort: 30001 }), port(2), port(3)] });
  const config = spec({ ports: [port(3), port(1, { name: "a" })] });
  expect(merge(live, config, SERVICE)).toEqual(
    spec({ ports: [port(2), port(3), port(1, { nodePort: 30001, name: "a" })] }),
  );
});

describe("an apply", () => {
  const base = { apiVersion: "v1", kind: "Service", metadata: { name: "a" } };
  const annotated = (value: string) => ({
    ...base,
    metadata: { name: "a", annotations: { x: value } },
  });
  const by = (
    live: JsonObject,
    config: JsonObject,
    name: string,
    owned = readOwnership([]),
    force = false,
  ) => apply(live, config, SERVICE, owned, manager(name), force);

  test("of the same value is shared, of another one a conflict", () => {
    const first = by(base, annotated("1"), "one");
    const second = by(first.object, annotated("1"), "two", first.ownership);
    expect(writeOwnership(second.ownership).map((entry) => entry.manager)).toEqual(["one", "two"]);
    expect(() => by(second.object, annotated("2"), "one", second.ownership)).toThrow(
      'Apply failed with 1 conflict: conflict with "two": .metadata.annotations.x',
    );
  });

  test("by force takes the field from the others", () => {
    const first = by(base, annotated("1"), "one");
    const second = by(first.object, annotated("2"), "two", first.ownership, true);
    expect(second.object).toEqual(annotated("2"));
    expect(writeOwnership(second.ownership).map((entry) => entry.manager)).toEqual(["two"]);
  });

  test("removes what is no longer applied, unless another manager owns it", () => {
    const both = { ...base, metadata: { name: "a", annotations: { x: "1", y: "2" } } };
    const first = by(base, both, "one");
    const second = by(first.object, annotated("1"), "two", first.ownership);
    const third = by(second.object, base, "one", second.ownership);
    expect(third.object).toEqual(annotated("1"));
  });

  test("removes a list item with what others defaulted in it", () => {
    const config = { ...base, ...spec({ ports: [port(1), port(2)] }) };
    const first = by(base, config, "one");
    const live = {
      ...base,
      ...spec({ ports: [port(1, { nodePort: 30001 }), port(2, { nodePort: 30002 })] }),
    };
    const second = by(live, { ...base, ...spec({ ports: [port(1)] }) }, "one", first.ownership);
    expect(second.object).toEqual({ ...base, ...spec({ ports: [port(1, { nodePort: 30001 })] }) });
  });

  test("conflicts with an update, and says when that was", () => {
    const owned = trackUpdate(
      base,
      annotated("1"),
      SERVICE,
      readOwnership([]),
      manager("edit", "Update"),
    );
    expect(() => by(annotated("1"), annotated("2"), "one", owned)).toThrow(
      /conflict with "edit" using v1 at \d{4}-.*Z: \.metadata\.annotations\.x$/,
    );
  });

  test("by kubectl takes over what its client-side apply set", () => {
    const last = JSON.stringify(annotated("1"));
    const live = {
      ...base,
      metadata: {
        name: "a",
        annotations: { x: "1", "kubectl.kubernetes.io/last-applied-configuration": last },
      },
    };
    const client = manager("kubectl-client-side-apply", "Update");
    const owned = trackUpdate(base, live, SERVICE, readOwnership([]), client);
    expect(by(live, annotated("2"), "kubectl", owned).object).toMatchObject({
      metadata: { annotations: { x: "2" } },
    });
  });
});

test("an update takes fields over and forgets those it removes", () => {
  const before = { metadata: { labels: { a: "1", b: "1" } } };
  const after = { metadata: { labels: { a: "2" } } };
  const owned = trackUpdate({}, before, SERVICE, readOwnership([]), manager("one", "Update"));
  const entries = writeOwnership(
    trackUpdate(before, after, SERVICE, owned, manager("two", "Update")),
  );
  expect(entries.map((entry) => [entry.manager, entry.fieldsV1])).toEqual([
    ["one", { "f:metadata": { "f:labels": {} } }],
    ["two", { "f:metadata": { "f:labels": { "f:a": {} } } }],
  ]);
});

test("two items of an applied list with the same key are refused", () => {
  expect(() => fieldsOf(spec({ ports: [port(443), port(443, { name: "b" })] }), SERVICE)).toThrow(
    '.spec.ports: duplicate entries for key [port=443,protocol="TCP"]',
  );
});
