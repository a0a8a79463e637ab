/** One DNS question over UDP with the header of its answer, which Node's resolver hides (RFC 1035, section 4.1.1). */
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

export interface DnsHeader {
  rcode: number;
  /** Whether the server speaks for the zone. */
  authoritative: boolean;
  /** Whether the server would ask others. */
  recursionAvailable: boolean;
  answers: number;
}

export const TYPE = { NS: 2, SOA: 6 } as const;

const TRIES = 3;
/** Of one try, ms. */
const PATIENCE = 1500;

/** @param address `192.0.2.1:53` or `[2001:db8::1]:53`. Undefined: no answer. */
export async function dnsHeader(
  address: string,
  name: string,
  type: number,
  signal: AbortSignal,
): Promise<DnsHeader | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    signal.throwIfAborted();
    const header = await ask(address, question(name, type));
    if (header) return header;
  }
  return undefined;
}

function ask(address: string, packet: Buffer): Promise<DnsHeader | undefined> {
  const [, host = "", port = "53"] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  const { promise, resolve } = Promise.withResolvers<DnsHeader | undefined>();
  const timer = setTimeout(() => resolve(undefined), PATIENCE);
  socket.on("message", (answer) => {
    if (answer.length >= 12 && answer.readUInt16BE(0) === packet.readUInt16BE(0))
      resolve(headerOf(answer));
  });
  // Nothing listens there, or there is no way to it.
  socket.on("error", () => resolve(undefined));
  socket.connect(Number(port), host, () => socket.send(packet));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

function headerOf(answer: Buffer): DnsHeader {
  const flags = answer.readUInt16BE(2);
  return {
    rcode: flags & 0xf,
    authoritative: (flags & 0x0400) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    answers: answer.readUInt16BE(6),
  };
}

/** With recursion desired: a true authoritative server says that it has none. */
function question(name: string, type: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(randomInt(0x10000), 0);
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  const labels = name.split(".").filter(Boolean);
  const encoded = labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  const tail = Buffer.alloc(5);
  tail.writeUInt16BE(type, 1);
  tail.writeUInt16BE(1, 3);
  return Buffer.concat([header, ...encoded, tail]);
}
