import { Packet } from "dns2";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { characterStrings, encode } from "../../../sandbox/dns/rdata.ts";

describe("the character strings of TXT content", () => {
  it.each([
    ["plain text", ["plain text"]],
    ['"quoted"', ["quoted"]],
    ['"one" "two"', ["one", "two"]],
    ['"a\\"b\\\\c"', ['a"b\\c']],
    ['"\\065\\066"', ["AB"]],
    ['""', [""]],
    ["", [""]],
    ["x".repeat(300), ["x".repeat(255), "x".repeat(45)]],
    [`"${"y".repeat(256)}"`, ["y".repeat(255), "y"]],
    ["grün", ["grün"]],
  ])("%j are %j", (content, expected) => {
    expect(characterStrings(content).map(String)).toEqual(expected);
  });

  it("keeps the bytes that an escape stands for", () => {
    expect(characterStrings('"\\200"')).toEqual([Buffer.from([200])]);
  });

  it("loses nothing of any text, and makes no string longer than 255 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 600 }), (text) => {
        const escaped = text.replace(/["\\]/g, "\\$&");
        const strings = characterStrings(`"${escaped}"`);
        expect(Buffer.concat(strings).toString()).toBe(text);
        expect(Math.max(...strings.map(({ length }) => length))).toBeLessThanOrEqual(255);
      }),
    );
  });
});

describe("a record on the wire", () => {
  const base = { name: "x.example.com", ttl: 60 };
  it.each([
    [
      { ...base, type: "A", content: "192.0.2.1" },
      { address: "192.0.2.1", ttl: 60 },
    ],
    [{ ...base, type: "A", content: "192.0.2.1", ttl: 1 }, { ttl: 300 }],
    [
      { ...base, type: "MX", content: "mail.test", priority: 5 },
      { exchange: "mail.test", priority: 5 },
    ],
    [
      { ...base, type: "SRV", content: "10 443 host.test", priority: 1 },
      { priority: 1, weight: 10, port: 443, target: "host.test" },
    ],
    [
      { ...base, type: "CAA", content: '128 issuewild ";"' },
      { flags: 128, tag: "issuewild", value: ";" },
    ],
  ])("%j reads back", (record, expected) => {
    const encoded = encode(record, record.name) as unknown as { toBuffer(): Buffer };
    expect(Packet.Resource.parse(encoded.toBuffer())).toMatchObject(expected);
  });

  it("is not made of a type that is not served", () => {
    expect(encode({ ...base, type: "HTTPS", content: "1 ." }, base.name)).toBeUndefined();
  });
});
