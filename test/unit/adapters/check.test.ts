import { describe, expect, test } from "vitest";
import { checkInputs } from "../../../sandbox/adapters/checkInputs.ts";
import { refreshedInputs } from "../../../sandbox/adapters/inputsFromState.ts";
import { KubernetesProvider } from "../../../sandbox/adapters/kubernetes/provider.ts";
import type { Fields } from "../../../sandbox/adapters/table.ts";
import { type Props, UNKNOWN } from "../../../sandbox/engine/provider.ts";

const fields: Fields = {
  name: { kind: "string", change: "update", filled: true, autoName: true },
  size: { kind: "string", change: "update", required: true, oneOf: ["S", "M"] },
  level: { kind: "string", change: "update", default: "medium" },
  external: { kind: "boolean", change: "update", default: false },
  tags: { kind: "strings", change: "update" },
  ids: { kind: "strings", change: "update", conflictsWith: ["external"] },
  source: {
    kind: "object",
    change: "replace",
    fields: { chain: { kind: "string", change: "replace", required: true } },
  },
  parts: {
    kind: "objects",
    change: "update",
    fields: { id: { kind: "string", change: "update" } },
  },
  status: { kind: "string", change: "computed" },
};

const urn = "urn:pulumi:staging::private-lb::pkg:index:Thing::lb";
const check = (inputs: Props, oldInputs?: Props) =>
  checkInputs({ fields, toolkit: "sdk" }, { urn, type: "t", name: "lb", inputs, oldInputs });

describe("check refuses", () => {
  test.each<[string, Props, string]>([
    [
      "an unknown property",
      { size: "S", colour: 1 },
      "Invalid or unknown key. Examine values at 'lb.colour'.",
    ],
    [
      "an output",
      { size: "S", status: "x" },
      "Invalid or unknown key. Examine values at 'lb.status'.",
    ],
    ["a missing property", {}, "Missing required property 'size'"],
    ["a null for a required one", { size: null }, "Missing required property 'size'"],
    ["a missing nested one", { size: "S", source: {} }, "Missing required property 'source.chain'"],
    [
      "an unknown nested one",
      { size: "S", parts: [{ id: "1" }, { colour: 1 }] },
      "Invalid or unknown key. Examine values at 'lb.parts[1].colour'.",
    ],
    [
      "a list in place of a string",
      { size: ["S"] },
      "Incorrect attribute value type: a string required. Examine values at 'lb.size'.",
    ],
    [
      "a string in place of a list",
      { size: "S", tags: "a" },
      "Incorrect attribute value type: a list of strings required. Examine values at 'lb.tags'.",
    ],
    [
      "a value that is not offered",
      { size: "XXL" },
      "expected one of S, M; got XXL. Examine values at 'lb.size'.",
    ],
    [
      "two that exclude each other",
      { size: "S", ids: ["1"], external: true },
      "Conflicting configuration arguments: conflicts with external. Examine values at 'lb.ids'.",
    ],
  ])("%s", (_, inputs, reason) => {
    expect(check(inputs).failures).toEqual([{ property: "", reason }]);
  });

  test("nothing that is unknown yet", () => {
    expect(check({ size: UNKNOWN, parts: [UNKNOWN], source: UNKNOWN }).failures).toEqual([]);
  });
});

describe("check fills in", () => {
  test("defaults, but for zero values, and a name with seven random digits", () => {
    const { inputs } = check({ size: "S" });
    expect(inputs).toEqual({
      size: "S",
      level: "medium",
      name: expect.stringMatching(/^lb-[0-9a-f]{7}$/),
      __defaults: ["level", "name"],
    });
  });

  test("the name that it once gave", () => {
    const { inputs } = check({ size: "S" });
    expect(check({ size: "M" }, inputs).inputs["name"]).toBe(inputs["name"]);
  });

  test("a new name where the program used to give one", () => {
    const { inputs } = check({ size: "S", name: "mine" });
    expect(inputs["__defaults"]).toEqual(["level"]);
    expect(check({ size: "S" }, inputs).inputs["name"]).toMatch(/^lb-[0-9a-f]{7}$/);
  });
});

describe("a refresh gives back", () => {
  test("the inputs of the program with the values that are seen", () => {
    const inputs = { size: "S", level: "medium", tags: ["a"], __defaults: ["level"] };
    const seen = { size: "M", level: "medium", tags: [], status: "ready", external: false };
    expect(refreshedInputs(inputs, seen)).toEqual({
      size: "M",
      level: "medium",
      tags: [],
      __defaults: ["level"],
    });
  });

  test("a default no longer as a default once it has changed", () => {
    const inputs = { level: "medium", __defaults: ["level"] };
    expect(refreshedInputs(inputs, { level: "high" })).toEqual({ level: "high" });
  });
});

describe("check of a Kubernetes object", () => {
  const type = "kubernetes:core/v1:Service";
  const service = { apiVersion: "v1", kind: "Service", metadata: { namespace: "n" }, spec: {} };
  const request = { urn: `urn:pulumi:s::p::${type}::test`, type, name: "test" };

  test("names one without a name, marks it, and keeps that name", async () => {
    const provider = new KubernetesProvider({});
    const { inputs } = await provider.check({ ...request, inputs: service });
    expect(inputs["metadata"]).toEqual({
      namespace: "n",
      name: expect.stringMatching(/^test-[0-9a-f]{8}$/),
      annotations: { "pulumi.com/autonamed": "true" },
    });
    const again = await provider.check({ ...request, oldInputs: inputs, inputs: service });
    expect(again.inputs).toEqual(inputs);
  });

  test("keeps a given name, and drops what is the server's", async () => {
    const provider = new KubernetesProvider({});
    const metadata = { name: "test", namespace: "n", uid: "u", resourceVersion: "1" };
    const { inputs } = await provider.check({ ...request, inputs: { ...service, metadata } });
    expect(inputs["metadata"]).toEqual({ name: "test", namespace: "n" });
  });

  test("refuses generateName", async () => {
    const provider = new KubernetesProvider({});
    const inputs = { ...service, metadata: { generateName: "test-" } };
    const { failures } = await provider.check({ ...request, inputs });
    expect(failures).toMatchObject([{ reason: expect.stringContaining("generateName") }]);
  });
});
