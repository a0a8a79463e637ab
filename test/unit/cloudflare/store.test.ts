import { expect, it } from "vitest";
import { RateLimit } from "../../../sandbox/clouds/cloudflare/rateLimit.ts";
import { startDns } from "../../../sandbox/dns/server.ts";
import { startTestApi } from "./api.ts";

it("feeds the DNS servers with every change", async () => {
  const api = await startTestApi();
  const dns = await startDns({ zones: api.zones });
  try {
    const name = "_acme-challenge.test.example.com";
    const path = `/zones/${api.zoneId("example.com")}/dns_records`;
    const { result } = await api.call("POST", path, {
      type: "TXT",
      name,
      content: '"value"',
      ttl: 60,
    });
    expect(await dns.resolve(name, "TXT")).toEqual(["value"]);
    await api.call("PATCH", `${path}/${result.id}`, { content: "bare" });
    expect(await dns.resolve(name, "TXT")).toEqual(["bare"]);
    await api.call("DELETE", `${path}/${result.id}`);
    expect(await dns.resolve(name, "TXT")).toEqual([]);
    expect(Object.keys(dns.nameServers)).toEqual([
      "ada.ns.cloudflare.test",
      "bob.ns.cloudflare.test",
    ]);
  } finally {
    await dns.close();
    await api.close();
  }
});

it("gives a zone the same id in every run", async () => {
  const [one, two] = [await startTestApi(), await startTestApi()];
  await Promise.all([one.close(), two.close()]);
  expect(one.zoneId("example.com")).toBe(two.zoneId("example.com"));
  expect(one.zoneId("example.com")).not.toBe(one.zoneId("example.net"));
});

it("names the zones there are when asked for another", async () => {
  const api = await startTestApi();
  await api.close();
  expect(() => api.records("example.org")).toThrow(
    "No zone example.org; there are example.com, example.net",
  );
});

it("opens the rate limit again after the block", () => {
  const limit = new RateLimit({ requests: 1, seconds: 10 });
  limit.count("a", 0);
  expect(() => limit.count("a", 5_000)).toThrow("More than 1 requests per 10 seconds");
  expect(() => limit.count("a", 14_999)).toThrow();
  limit.count("b", 14_999);
  expect(() => limit.count("a", 15_000)).not.toThrow();
});
