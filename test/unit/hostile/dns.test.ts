/** What name servers may answer: values, none, or an error that names the server; in its time, however they are. */
import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Authority, txtAt } from "../../../certificate/challenge/authority.ts";
import { followDelegation } from "../../../certificate/challenge/delegation.ts";
import { fuzz } from "../../fuzzing.ts";

type Respond = (query: Buffer) => Buffer | undefined;
let udp: Socket;
let tcp: Server;
/** By the name that is asked for. */
const answers = new Map<string, Respond>();
let port: number;

beforeAll(async () => {
  tcp = createServer((socket) => {
    // A drip: a length and then a byte now and again would be waited for without a bound.
    socket.on("error", () => {}).write(Buffer.from([0xff, 0xff, 0]));
  });
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  ({ port } = tcp.address() as { port: number });
  udp = createSocket("udp4");
  udp.on("message", (query, { port: from }) => {
    const answer = (answers.get(nameIn(query)) ?? whatever)?.(query);
    if (answer) udp.send(answer, from, "127.0.0.1");
  });
  await new Promise<void>((resolve) => udp.bind(port, "127.0.0.1", resolve));
});
afterAll(() => {
  udp.close();
  tcp.close();
});

const NAME = "_acme-challenge.example.com";
/** To any other name. */
let whatever: Respond | undefined;
let asked = 0;

/** The first label of what is asked for. */
const nameIn = (query: Buffer) => query.toString("latin1", 13, 13 + (query[12] ?? 0));
function ask(respond: Respond): Promise<string[]> {
  const label = `t${++asked}`;
  answers.set(label, respond);
  const server = { name: "ns1.example.com", address: `127.0.0.1:${port}` };
  return txtAt(server, `${label}.example.com`);
}

/** The header of an answer to `query`, with its question. */
function header(query: Buffer, { flags = 0x8400, answers = 0 } = {}): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const copy = Buffer.from(query.subarray(0, end));
  copy.writeUInt16BE(flags, 2);
  copy.writeUInt16BE(answers, 6);
  copy.writeUInt32BE(0, 8);
  return copy;
}

/** A resource record of the name at `pointer`. */
function rr(type: number, data: Buffer, pointer = 12): Buffer {
  const fixed = Buffer.alloc(12);
  fixed.writeUInt16BE(0xc000 | pointer, 0);
  fixed.writeUInt16BE(type, 2);
  fixed.writeUInt16BE(1, 4);
  fixed.writeUInt16BE(data.length, 10);
  return Buffer.concat([fixed, data]);
}
const TXT = 16;
const CNAME = 5;
const sound = (query: Buffer) =>
  Buffer.concat([header(query, { answers: 1 }), rr(TXT, Buffer.from("\u0005value"))]);
const named = /^ns1\.example\.com \(127\.0\.0\.1:\d+\) (no answer|answers [A-Z]+) to TXT$/;

describe("a name server", () => {
  it("that answers well is believed", async () => {
    expect(await ask(sound)).toEqual(["value"]);
  });

  it.each<[string, Respond]>([
    ["without a record", (query) => header(query)],
    ["that there is no such name", (query) => header(query, { flags: 0x8403 })],
  ])("that answers %s has none", async (_, given) => {
    expect(await ask(given)).toEqual([]);
  });

  it.concurrent.each<[string, Respond]>([
    ["SERVFAIL", (query) => header(query, { flags: 0x8402 })],
    ["REFUSED", (query) => header(query, { flags: 0x8405 })],
    ["nothing", () => undefined],
    ["with another id", (query) => sound(Buffer.concat([Buffer.from([0, 0]), query.subarray(2)]))],
    [
      "a name that points to itself",
      (query) =>
        Buffer.concat([
          header(query, { answers: 1 }),
          rr(TXT, Buffer.from("\u0001x"), query.length),
        ]),
    ],
    ["a record that ends early", (query) => sound(query).subarray(0, -3)],
    [
      "a string longer than its record",
      (query) => {
        const answer = sound(query);
        answer[answer.length - 6] = 0xff;
        return answer;
      },
    ],
    [
      "only a part, the rest over TCP and never to come",
      (query) => header(query, { flags: 0x8600 }),
    ],
  ])("that answers %s is named, in time", async (_, given) => {
    const started = performance.now();
    await expect(ask(given)).rejects.toThrow(named);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it("that sends as much as fits is read", async () => {
    const many = Array.from({ length: 3000 }, () => rr(TXT, Buffer.from("\u0000")));
    const all: Respond = (query) => Buffer.concat([header(query, { answers: 3000 }), ...many]);
    expect((await ask(all)).length).toBeLessThanOrEqual(3000);
  });

  const change = fc.tuple(fc.nat(17), fc.nat(255));
  fuzz(
    "that answers any bytes gives values or is named",
    fc.array(change, { minLength: 1, maxLength: 4 }),
    async (changes) => {
      const changed: Respond = (query) => {
        const answer = sound(query);
        const from = header(query).length;
        for (const [at, byte] of changes) if (from + at < answer.length) answer[from + at] = byte;
        return answer;
      };
      const seen = await ask(changed).catch((error: Error) => error.message);
      if (typeof seen === "string") expect(seen).toMatch(named);
      else expect(seen.every((value) => typeof value === "string")).toBe(true);
    },
    { runs: 50 },
  );
});

describe("a zone", () => {
  const authority = () =>
    new Authority({
      PRIVATE_LB_RESOLVER: `127.0.0.1:${port}`,
      PRIVATE_LB_NAMESERVERS: `ns1.example.com=127.0.0.1:${port}`,
    });

  it("with CNAME records in a circle is refused with the path", async () => {
    // NS ns1 for any name, and a CNAME of each name to itself.
    const NS = 2;
    const itself = Buffer.from([0xc0, 12]);
    const ns1 = Buffer.from("\u0003ns1\u0007example\u0003com\u0000");
    whatever = (query) => {
      const type = query.readUInt16BE(query.indexOf(0, 12) + 1);
      const record = type === NS ? rr(NS, ns1) : rr(CNAME, itself);
      return Buffer.concat([header(query, { answers: 1 }), record]);
    };
    const found = followDelegation(NAME, authority(), ["example.com"]);
    await expect(found).rejects.toThrow(/^(CNAME loop|no name server of the zone)/);
  });

  it("with hundreds of name servers is refused", async () => {
    const names = Array.from({ length: 200 }, (_, i) => {
      const label = `n${i}`;
      return rr(2, Buffer.from(`${String.fromCharCode(label.length)}${label}\u0004test\u0000`));
    });
    whatever = (query) => Buffer.concat([header(query, { answers: names.length }), ...names]);
    await expect(authority().servers("example.com")).rejects.toThrow(
      /names 200 name servers of the zone example\.com, more than 32/,
    );
  });
});
