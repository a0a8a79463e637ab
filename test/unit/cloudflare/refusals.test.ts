import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "./api.ts";

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.close());

const record = { type: "A", name: "test", content: "192.0.2.1", ttl: 60 };

describe("a new record", () => {
  it.each([
    [
      { ...record, content: "example.org" },
      "9005 Content for A record must be a valid IPv4 address.",
    ],
    [{ ...record, content: undefined }, "9005 Content for A record must be a valid IPv4 address."],
    [{ ...record, type: "AAAA" }, "9006 Content for AAAA record must be a valid IPv6 address."],
    [{ ...record, type: "CNAME" }, "9007 Content for CNAME record is invalid."],
    [
      { ...record, type: "CNAME", content: "test.example.com" },
      "9039 CNAME content cannot reference itself.",
    ],
    [
      { ...record, content: "172.16.0.9", proxied: true },
      "9003 Target 172.16.0.9 is not allowed for a proxied record.",
    ],
    [
      { ...record, type: "TXT", content: '"x"', proxied: true },
      "9004 This record type cannot be proxied.",
    ],
    [{ ...record, ttl: 30 }, "9021 TTL must be between 60 and 86400 seconds, or 1 for Automatic."],
    [
      { ...record, ttl: 86_401 },
      "9021 TTL must be between 60 and 86400 seconds, or 1 for Automatic.",
    ],
    [{ ...record, name: "a..b" }, "9000 DNS name is invalid."],
    [{ ...record, name: "a.*.b" }, "9000 DNS name is invalid."],
    [{ ...record, name: "x".repeat(64) }, "9000 DNS name is invalid."],
    [{ ...record, name: "" }, "9000 DNS name is invalid."],
    [{ ...record, type: "NOPE" }, '9999 DNS record type "NOPE" is invalid.'],
    [
      { ...record, comment: "x".repeat(101) },
      "9313 DNS record comment exceeds the maximum length of 100 characters.",
    ],
    [{ ...record, tags: ["a:b"] }, "9300 DNS record has 1 tags, exceeding the quota of 0."],
    [
      { ...record, type: "TXT", content: '"open' },
      "9207 Content for TXT record has unbalanced quotation marks.",
    ],
    [
      { ...record, type: "TXT", content: `"${"x".repeat(4_100)}"` },
      "9207 Content for TXT record exceeds 4096 bytes.",
    ],
    [{ ...record, type: "MX", content: "mail.test" }, "9100 MX record priority is missing."],
  ])("%j is refused", async (fields, expected) => {
    expect(await api.create(fields)).toBe(expected);
    expect(api.inventory()).toEqual([]);
  });

  it.each([
    [{ ...record, name: "test.example.com" }, { name: "test.example.com" }],
    [{ ...record, name: "TEST.example.com." }, { name: "test.example.com" }],
    [{ ...record, name: "test" }, { name: "test.example.com" }],
    [{ ...record, name: "@" }, { name: "example.com" }],
    [{ ...record, name: "*.sub" }, { name: "*.sub.example.com" }],
    [{ ...record, name: "grün" }, { name: "xn--grn-ioa.example.com" }],
    // Cloudflare refuses no name of another zone: it takes it as relative to this one.
    [{ ...record, name: "www.example.org" }, { name: "www.example.org.example.com" }],
    [
      { ...record, proxied: true, ttl: 300 },
      { proxied: true, ttl: 1 },
    ],
    [
      { ...record, ttl: undefined },
      { ttl: 1, proxied: false },
    ],
    [{ ...record, type: "TXT", content: "bare" }, { content: "bare" }],
    [{ ...record, type: "TXT", content: '"a" "b"' }, { content: '"a" "b"' }],
    [
      { ...record, type: "cname", content: "target.test." },
      { type: "CNAME", content: "target.test" },
    ],
    [{ ...record, comment: "" }, { comment: null }],
    [
      { type: "CAA", name: "@", data: { flags: 0, tag: "issue", value: "letsencrypt.org" } },
      { content: '0 issue "letsencrypt.org"' },
    ],
    [
      {
        type: "SRV",
        name: "_x._tcp",
        data: { priority: 1, weight: 2, port: 443, target: "h.test" },
      },
      { priority: 1, content: "2 443 h.test" },
    ],
  ])("%j is kept as %j", async (fields, expected) => {
    expect(await api.create(fields)).toBe("created");
    expect(api.inventory()).toMatchObject([expected]);
  });

  it.each([
    [["A 192.0.2.1", "A 192.0.2.2"], "created"],
    [["A 192.0.2.1", "A 192.0.2.1"], "81058 An identical record already exists."],
    [['TXT "x"', "TXT x"], "81058 An identical record already exists."],
    [['TXT "x"', 'TXT "y"'], "created"],
    [["A 192.0.2.1", "AAAA ::1"], "created"],
    [
      ["A 192.0.2.1", "CNAME x.test"],
      "81053 An A, AAAA, or CNAME record with that host already exists.",
    ],
    [
      ["CNAME x.test", "CNAME y.test"],
      "81053 An A, AAAA, or CNAME record with that host already exists.",
    ],
    [["CNAME x.test", "A 192.0.2.1"], "81054 A CNAME record with that host already exists."],
    [["CNAME x.test", 'TXT "x"'], "created"],
    [["NS x.test", "A 192.0.2.1"], "81056 NS records with that host already exist."],
    [["A 192.0.2.1", "NS x.test"], "81056 NS records with that host already exist."],
    [["NS x.test", "NS y.test"], "created"],
  ])("after and before another at its name: %j", async (lines, expected) => {
    const [first, second] = lines.map((line) => {
      const [type = "", content = ""] = line.split(" ");
      return { name: "test", type, content };
    });
    expect(await api.create(first ?? {})).toBe("created");
    expect(await api.create(second ?? {})).toBe(expected);
  });

  it("is refused past the quota of the plan", async () => {
    for (let i = 0; i < 200; i++) {
      api.addRecord("example.com", { type: "A", name: `n${i}`, content: "192.0.2.1" });
    }
    expect(await api.create(record)).toBe("81045 The record quota has been exceeded.");
  });

  it("is refused when all of its name and type are too long together", async () => {
    const text = (letter: string) => ({
      type: "TXT",
      name: "long",
      content: `"${letter.repeat(3_000)}"`,
    });
    expect([await api.create(text("a")), await api.create(text("b"))]).toEqual([
      "created",
      "created",
    ]);
    expect(await api.create(text("c"))).toMatch(/^9207 /);
  });

  it.each(["{", "[]", '"text"', "null"])("is refused when the body is %s", async (body) => {
    const path = `/zones/${api.zoneId("example.com")}/dns_records`;
    const { status, success } = await api.call("POST", path, body);
    expect([status, success]).toEqual([400, false]);
  });
});

describe("an update", () => {
  it("is refused when it conflicts with another record, but not with itself", async () => {
    const path = (id: string) => `/zones/${api.zoneId("example.com")}/dns_records/${id}`;
    const one = api.addRecord("example.com", record);
    const two = api.addRecord("example.com", { ...record, content: "192.0.2.2" });
    const same = await api.call("PATCH", path(two.id), { content: one.content });
    expect([same.status, same.errors[0]?.code]).toEqual([400, 81058]);
    expect((await api.call("PUT", path(one.id), record)).status).toBe(200);
  });
});

describe("what does not exist", () => {
  it.each([
    ["GET", "/zones/nope", 404, [7003, 7000]],
    ["GET", "/zones/ZONE/dns_records/nope", 404, [7003, 7000]],
    ["GET", "/nope", 404, [7003, 7000]],
    ["GET", `/zones/ZONE/dns_records/${"0".repeat(32)}`, 404, [81044]],
    ["DELETE", `/zones/ZONE/dns_records/${"0".repeat(32)}`, 404, [81044]],
    ["PATCH", `/zones/ZONE/dns_records/${"0".repeat(32)}`, 404, [81044]],
    ["GET", "/zones/ZONE/settings", 501, [7000]],
    ["GET", "/zones/ZONE/dns_records/export", 501, [7000]],
    ["DELETE", "/zones/ZONE", 501, [7000]],
    ["GET", "/user", 501, [7000]],
    ["GET", `/zones/${"0".repeat(32)}`, 403, [9109]],
    ["GET", `/zones/${"0".repeat(32)}/dns_records`, 403, [10000]],
  ])("%s %s answers %i %j", async (method, path, status, codes) => {
    const url = path.replace("ZONE", api.zoneId("example.com"));
    const answer = await api.call(method, url);
    expect([answer.status, answer.errors.map(({ code }) => code), answer.result]).toEqual([
      status,
      codes,
      null,
    ]);
  });
});

describe("authentication", () => {
  const unknown = "u".repeat(40);
  const zones = "/zones";
  const records = () => `/zones/${api.zoneId("example.com")}/dns_records`;

  const format = (code: number, name: string) => ({
    code,
    message: `Invalid format for ${name} header`,
  });
  const key = "0123456789abcdef0123456789abcdef01234";
  it.each([
    ["a@example.com", "short", 400, [{ code: 6003, error_chain: [format(6103, "X-Auth-Key")] }]],
    ["nobody", key, 400, [{ code: 6003, error_chain: [format(6102, "X-Auth-Email")] }]],
    ["a@example.com", key, 403, [{ code: 9103, message: "Unknown X-Auth-Key or X-Auth-Email" }]],
  ])("refuses the global key of %s, %s", async (email, value, status, errors) => {
    const headers = { "x-auth-email": email, "x-auth-key": value };
    const answer = await fetch(`${api.url}${zones}`, { headers });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ success: false, errors });
  });

  it.each([
    ["", zones, 400, { code: 9106 }],
    [
      "short",
      zones,
      400,
      { code: 6003, message: "Invalid request headers", error_chain: [{ code: 6111 }] },
    ],
    [unknown, zones, 403, { code: 9109, message: "Invalid access token" }],
    [unknown, "RECORDS", 403, { code: 10000, message: "Authentication error" }],
    [unknown, "/user/tokens/verify", 401, { code: 1000, message: "Invalid API Token" }],
  ])("refuses the token «%s» at %s", async (token, path, status, error) => {
    const answer = await api.call("GET", path.replace("RECORDS", records()), undefined, token);
    expect(answer.status).toBe(status);
    expect(answer.errors).toMatchObject([error]);
  });

  it("lets a token do only what its scope says", async () => {
    const reader = api.addToken({ zones: { "example.com": "read" } });
    const { result } = await api.call("GET", zones, undefined, reader);
    expect(result).toMatchObject([
      { name: "example.com", permissions: ["#dns_records:read", "#zone:read"] },
    ]);
    expect((await api.call("GET", records(), undefined, reader)).status).toBe(200);
    const write = await api.call("POST", records(), record, reader);
    expect([write.status, write.errors[0]?.code]).toEqual([403, 10000]);
    const other = `/zones/${api.zoneId("example.net")}`;
    const zone = await api.call("GET", other, undefined, reader);
    expect(zone.errors).toMatchObject([
      { code: 9109, message: "Unauthorized to access requested resource" },
    ]);
    const foreign = await api.call("GET", `${other}/dns_records`, undefined, reader);
    expect([foreign.status, foreign.errors[0]?.code]).toEqual([403, 10000]);
  });

  it("shows no zone to a token without Zone.Zone:Read, which may edit records none the less", async () => {
    const blind = api.addToken({ zones: { "example.com": "edit" }, zoneRead: false });
    expect((await api.call("GET", zones, undefined, blind)).result).toEqual([]);
    const zone = await api.call("GET", `/zones/${api.zoneId("example.com")}`, undefined, blind);
    expect([zone.status, zone.errors[0]?.code]).toEqual([403, 9109]);
    expect((await api.call("GET", records(), undefined, blind)).status).toBe(200);
  });

  it("refuses a revoked and an expired token, and tells the expired one why", async () => {
    const revoked = api.addToken({ zones: "edit" });
    api.revokeToken(revoked);
    expect((await api.call("GET", zones, undefined, revoked)).status).toBe(403);
    const expired = api.addToken({ zones: "edit", status: "expired" });
    expect((await api.call("GET", zones, undefined, expired)).status).toBe(403);
    const verified = await api.call("GET", "/user/tokens/verify", undefined, expired);
    expect(verified.result).toMatchObject({ status: "expired" });
  });
});

it("blocks a token past the rate limit, and says for how long", async () => {
  await api.close();
  api = await startTestApi({ rateLimit: { requests: 2, seconds: 300 } });
  await api.call("GET", "/zones");
  await api.call("GET", "/zones");
  const { status, headers, errors } = await api.call("GET", "/zones");
  expect([status, headers.get("retry-after"), errors[0]?.code]).toEqual([429, "300", 971]);
});

it("keeps tokens and contents out of the log", async () => {
  await api.create({ ...record, content: "192.0.2.77", comment: "secret comment" });
  await expect.poll(() => api.log.calls.length).toBe(1);
  expect(api.log.calls).toMatchObject([{ api: "cloudflare", method: "POST", status: 200 }]);
  const logged = JSON.stringify(api.log.calls);
  for (const secret of [api.token, "192.0.2.77", "secret comment"]) {
    expect(logged).not.toContain(secret);
  }
});

it("lets a test answer in its place", async () => {
  const stop = api.intercept(({ method }) =>
    method === "DELETE" ? { status: 502, body: { success: false } } : undefined,
  );
  expect((await api.call("DELETE", "/zones/x")).status).toBe(502);
  stop();
  expect((await api.call("DELETE", "/zones/x")).status).toBe(404);
});
