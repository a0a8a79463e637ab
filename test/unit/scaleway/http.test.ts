import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clients, failure, SECRET_KEY, startCloud, UNKNOWN } from "./cloud.ts";

let scaleway: Clients;
beforeAll(async () => {
  scaleway = await startCloud();
});
afterAll(() => scaleway.cloud.close());

const LBS = "/lb/v1/zones/fr-par-1/lbs";

describe("the API key", () => {
  test.each([
    ["no token", null, "invalid_argument"],
    ["a token that is no UUID", "secret", "invalid_argument"],
    ["an unknown token", UNKNOWN, "not_found"],
  ])("%s is denied with 401", async (_, token, reason) => {
    const { status, body } = await scaleway.raw("GET", LBS, undefined, token);
    expect(status).toBe(401);
    expect(body).toEqual({
      message: "authentication is denied",
      method: "api_key",
      reason,
      type: "denied_authentication",
    });
  });

  test("a key without the right to write is refused with 403, and may still read", async () => {
    const own = await startCloud();
    try {
      own.cloud.settings.access.lb = "read";
      const error = await failure(own.newLb());
      expect(error.name).toBe("PermissionsDeniedError");
      expect(error.status).toBe(403);
      expect(error.body["details"]).toEqual([{ action: "write", resource: "lb" }]);
      expect(await own.lb.listLbs()).toEqual({ lbs: [], totalCount: 0 });
    } finally {
      await own.cloud.close();
    }
  });

  test("a project that is not the key's is refused with 403", async () => {
    const { status, body } = await scaleway.raw("POST", LBS, {
      name: "x",
      type: "LB-S",
      project_id: UNKNOWN,
    });
    expect([status, body["type"]]).toEqual([403, "permissions_denied"]);
  });
});

describe("answers", () => {
  test("a zone that there is none of is refused, in a list as well", async () => {
    const { status, body } = await scaleway.raw("GET", LBS.replace("fr-par-1", "fr-par-9"));
    expect([status, body["type"]]).toEqual([400, "invalid_arguments"]);
    expect(body["details"]).toMatchObject([{ argument_name: "zone" }]);
  });

  test("faults of a body are told in words of an API", async () => {
    const { body } = await scaleway.raw("POST", LBS, { name: 5 });
    expect(body["details"]).toEqual([
      { argument_name: "name", reason: "format", help_message: "must be of type string" },
      { argument_name: "type", reason: "required", help_message: "must be given" },
    ]);
  });

  test("carry a content type without charset, which the Go client compares whole", async () => {
    expect((await scaleway.raw("GET", LBS)).type).toBe("application/json");
    expect((await scaleway.raw("GET", `${LBS}/${UNKNOWN}`)).type).toBe("application/json");
  });

  test("a DELETE with a content type and no body is understood", async () => {
    const lb = await scaleway.newLb();
    const response = await fetch(`${scaleway.cloud.url}${LBS}/${lb.id}`, {
      method: "DELETE",
      headers: { "x-auth-token": SECRET_KEY, "content-type": "application/json" },
    });
    expect(response.status).toBe(204);
  });

  test("a body that is not JSON is refused with 400", async () => {
    const response = await fetch(scaleway.cloud.url + LBS, {
      method: "POST",
      headers: { "x-auth-token": SECRET_KEY, "content-type": "application/json" },
      body: "{",
    });
    expect(response.status).toBe(400);
  });

  test("each call is logged once, without its body", async () => {
    const before = scaleway.log.calls.length;
    await scaleway.raw("GET", `${LBS}?page=1`);
    expect(scaleway.log.calls.slice(before)).toEqual([
      expect.objectContaining({
        api: "scaleway",
        method: "GET",
        path: `${LBS}?page=1`,
        status: 200,
      }),
    ]);
  });
});

describe("an unknown id", () => {
  const zoned = (kind: string) => `/lb/v1/zones/fr-par-1/${kind}/${UNKNOWN}`;
  test.each([
    [zoned("lbs"), "lbs not Found"],
    [zoned("frontends"), "frontend not Found"],
    [zoned("backends"), "backend not Found"],
    [zoned("certificates"), "certificate not Found"],
    [zoned("ips"), "ips not Found"],
    [`/vpc/v2/regions/fr-par/vpcs/${UNKNOWN}`, "resource is not found"],
    [`/vpc/v2/regions/fr-par/private-networks/${UNKNOWN}`, "resource is not found"],
    [`/ipam/v1/regions/fr-par/ips/${UNKNOWN}`, "resource is not found"],
    [`/instance/v1/zones/fr-par-1/servers/${UNKNOWN}`, "resource is not found"],
  ])("%s answers 404 with the vendor's message", async (path, message) => {
    const { status, body } = await scaleway.raw("GET", path);
    expect(status).toBe(404);
    expect(body).toMatchObject({ message, type: "not_found", resource_id: UNKNOWN });
  });

  test("a load balancer of another zone is unknown in this one", async () => {
    const lb = await scaleway.newLb();
    const { status } = await scaleway.raw("GET", `/lb/v1/zones/nl-ams-1/lbs/${lb.id}`);
    expect(status).toBe(404);
  });
});

describe("lists", () => {
  test("come in pages, counted whole, in the order asked for", async () => {
    const own = await startCloud();
    try {
      for (let i = 0; i < 23; i++) await own.newLb(`lb-${String(i).padStart(2, "0")}`);
      const first = await own.lb.listLbs();
      expect([first.lbs.length, first.totalCount]).toEqual([20, 23]);
      const last = await own.lb.listLbs({ page: 2, orderBy: "name_desc" });
      expect(last.lbs.map((lb) => lb.name)).toEqual(["lb-02", "lb-01", "lb-00"]);
      expect((await own.lb.listLbs().all()).map((lb) => lb.name)).toHaveLength(23);
      expect((await own.lb.listLbs({ name: "b-1" })).totalCount).toBe(10);
    } finally {
      await own.cloud.close();
    }
  });

  test("an unknown order is refused with 400", async () => {
    await scaleway.newLb();
    const { status, body } = await scaleway.raw("GET", `${LBS}?order_by=colour_asc`);
    expect([status, body["type"]]).toEqual([400, "invalid_arguments"]);
  });
});
