/** One DNS server on loopback, UDP and TCP on the same port. */
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createTCPServer, createUDPServer, Packet } from "dns2";
import { type Answer, failure, type Question } from "./lookup.ts";

export interface WireServer {
  /** 127.0.0.1:PORT */
  address: string;
  close(): Promise<void>;
}

/** Undefined: never answer. */
export type WireResponder = (
  question: Question,
) => Answer | undefined | Promise<Answer | undefined>;

const ATTEMPTS = 10;

export async function serveDns(respond: WireResponder, isRecursive: boolean): Promise<WireServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await serveOnce(respond, isRecursive);
    } catch (error) {
      // The UDP port that the system chose can be taken on TCP.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" || attempt === ATTEMPTS) throw error;
    }
  }
}

async function serveOnce(respond: WireResponder, isRecursive: boolean): Promise<WireServer> {
  const handle = (request: Packet, send: (response: Packet) => Promise<unknown> | undefined) => {
    const sent = reply(request, respond, isRecursive).then(
      (response) => response && send(response),
    );
    // A client that has gone away is no fault of the server's.
    sent.catch(() => undefined);
  };
  const udp = createUDPServer(handle);
  udp.on("error", () => undefined);
  await udp.listen(0, "127.0.0.1");
  const { port } = udp.address();

  const tcp = createTCPServer(handle);
  const sockets = new Set<Socket>();
  tcp.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  tcp.listen(port, "127.0.0.1");
  try {
    await once(tcp, "listening");
  } catch (error) {
    udp.close();
    throw error;
  }
  return {
    address: `127.0.0.1:${(tcp.address() as AddressInfo).port}`,
    close: async () => {
      const closed = [once(udp, "close"), once(tcp, "close")];
      udp.close();
      tcp.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

async function reply(
  request: Packet,
  respond: WireResponder,
  isRecursive: boolean,
): Promise<Packet | undefined> {
  const [question] = request.questions;
  const isQuery = request.header.opcode === 0 && question?.class === Packet.CLASS.IN;
  const answer = isQuery ? await respond(question) : failure(Packet.RCODE.NOTIMP);
  if (!answer) return undefined;
  // Carries the OPT record that a request with EDNS has to be answered with (RFC 6891, section 6.1.1).
  const response = Packet.createErrorResponseFromRequest(request, answer.rcode);
  response.header.aa = answer.isAuthoritative ? 1 : 0;
  response.header.ra = isRecursive ? 1 : 0;
  response.answers = answer.answers;
  response.authorities = answer.authorities;
  return response;
}
