/** The PROXY protocol's header for TCP over IPv4 (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt). */
import { toNumber } from "../clouds/scaleway/subnet.ts";

export interface Ends {
  source: string;
  sourcePort: number;
  destination: string;
  destinationPort: number;
}

const SIGNATURE = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const VERSION_2_PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11;
const ADDRESSES_LENGTH = 12;

function version2({ source, sourcePort, destination, destinationPort }: Ends): Buffer {
  const rest = Buffer.alloc(4 + ADDRESSES_LENGTH);
  rest.writeUInt8(VERSION_2_PROXY, 0);
  rest.writeUInt8(TCP_OVER_IPV4, 1);
  rest.writeUInt16BE(ADDRESSES_LENGTH, 2);
  rest.writeUInt32BE(toNumber(source), 4);
  rest.writeUInt32BE(toNumber(destination), 8);
  rest.writeUInt16BE(sourcePort, 12);
  rest.writeUInt16BE(destinationPort, 14);
  return Buffer.concat([SIGNATURE, rest]);
}

export function proxyHeader(version: "v1" | "v2", ends: Ends): Buffer {
  if (version === "v2") return version2(ends);
  const { source, destination, sourcePort, destinationPort } = ends;
  return Buffer.from(
    `PROXY TCP4 ${source} ${destination} ${sourcePort} ${destinationPort}\r\n`,
    "latin1",
  );
}
