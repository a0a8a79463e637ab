import { expect, test } from "vitest";
import { PrivateDnsRecord } from "../../components/privateDnsRecord.ts";
import { record, resolved } from "./recorder.ts";
import { RECORD } from "./types.ts";

const args = { zoneId: "zone-example.com", domain: "test.example.com", address: "172.16.8.2" };

test("it is an A record by its full name, never proxied", async () => {
  const { types, one } = await record(() => new PrivateDnsRecord("test.example.com", args));
  expect(types()).toEqual([RECORD, "private-lb:index:PrivateDnsRecord"]);
  expect(one(RECORD).inputs).toEqual({
    zoneId: "zone-example.com",
    name: "test.example.com",
    type: "A",
    content: "172.16.8.2",
    ttl: 1,
    proxied: false,
  });
});

test("ttl and comment are the caller's", async () => {
  const { one } = await record(
    () => new PrivateDnsRecord("t", { ...args, ttl: 60, comment: "ours" }),
  );
  expect(one(RECORD).inputs).toMatchObject({ ttl: 60, comment: "ours" });
});

test("in another zone the new record comes first", async () => {
  const { one } = await record(() => new PrivateDnsRecord("t", args));
  expect(one(RECORD).deleteBeforeReplace).toBe(false);
});

test("its output is the name", async () => {
  const { result } = await record(() => new PrivateDnsRecord("t", args));
  expect(await resolved(result.domain)).toBe("test.example.com");
});
