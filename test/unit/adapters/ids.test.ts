import { describe, expect, test } from "vitest";
import { bareId } from "../../../frontend/bareId.ts";
import { camelCased, snakeCased } from "../../../sandbox/adapters/cloudflare/names.ts";
import { parseId, requireLocality, sameBareId } from "../../../sandbox/adapters/scaleway/ids.ts";

describe("Scaleway's ids", () => {
  test("have a locality before the bare id", () => {
    expect(parseId("fr-par-1/abc")).toEqual({ locality: "fr-par-1", id: "abc" });
    expect(bareId("fr-par/abc")).toBe("abc");
    expect(bareId("abc")).toBe("abc");
    expect(sameBareId("abc", "fr-par/abc")).toBe(true);
    expect(sameBareId(undefined, "fr-par/abc")).toBe(false);
  });

  test.each(["abc", "fr-par-1/", "/abc", "fr-par-1/abc/def"])("%s is refused", (id) => {
    expect(() => parseId(id)).toThrow("is no localized id");
  });

  test.each<[string, boolean]>([
    ["fr-par-1/abc", true],
    ["fr-par/abc", true],
    ["abc", true],
    ["fr-par-2/abc", false],
    ["nl-ams/abc", false],
  ])("%s beside a resource of fr-par-1: %s", (id, fits) => {
    const check = () => requireLocality("lb_id", id, "fr-par-1");
    if (fits) expect(check).not.toThrow();
    else expect(check).toThrow(`given lb_id ${id} has different locality`);
  });
});

test("Cloudflare's property names are Pulumi's in another spelling, at every depth", () => {
  const api = { zone_id: "1", name_servers: ["a_b"], settings: [{ ipv4_only: true }] };
  const pulumi = { zoneId: "1", nameServers: ["a_b"], settings: [{ ipv4Only: true }] };
  expect(camelCased(api)).toEqual(pulumi);
  expect(snakeCased(pulumi)).toEqual(api);
});
