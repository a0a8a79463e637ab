/** A connection at a frontend: access rules, TLS, then the backend. */
import type { Duplex } from "node:stream";
import type { AclView } from "../clouds/scaleway/index.ts";
import { within } from "../clouds/scaleway/subnet.ts";
import { Backends } from "./backend.ts";
import { HttpForwarder } from "./http.ts";
import { join } from "./streams.ts";
import { Terminator } from "./tls.ts";
import type { Current, Destination, Peer, Route, ServedEvent, Session } from "./types.ts";

/** The first rule that matches decides; without one the client is let in. */
function admits(acls: AclView[], source: string): boolean {
  const rule = acls.find(
    ({ subnets, invert }) => subnets.some((subnet) => within(subnet, source)) !== invert,
  );
  return rule?.action !== "deny";
}

export class Frontends {
  readonly terminator = new Terminator();
  readonly #backends: Backends;
  readonly #http: HttpForwarder;
  readonly #streams = new Set<Duplex>();
  readonly #tell: (event: ServedEvent) => void;

  constructor(route: Route, current: Current, tell: (event: ServedEvent) => void) {
    this.#tell = tell;
    this.#backends = new Backends(route);
    this.#http = new HttpForwarder(this.#backends, current, (session, server) =>
      this.#told(session, server === undefined ? "no backend" : "forwarded", server),
    );
  }

  #told(
    { lb, frontend, peer }: Destination & { peer: Peer },
    outcome: ServedEvent["outcome"],
    server?: string,
  ): void {
    const serial = this.terminator.serial(frontend);
    this.#tell({
      loadBalancer: lb.name,
      frontend: frontend.name,
      port: frontend.port,
      network: peer.network.name,
      source: peer.source,
      ...(serial !== undefined && { serial }),
      ...(server !== undefined && { server }),
      outcome,
    });
  }

  async accept(stream: Duplex, destination: Destination, peer: Peer): Promise<void> {
    const { frontend } = destination;
    this.#streams.add(stream.once("close", () => this.#streams.delete(stream)));
    stream.on("error", () => stream.destroy());
    if (!admits(frontend.acls, peer.source)) {
      this.#told({ ...destination, peer }, "denied");
      stream.destroy();
      return;
    }
    const clear = await this.terminator.terminate(stream, frontend).catch(() => undefined);
    if (!clear) {
      this.#told({ ...destination, peer }, "handshake failed");
      stream.destroy();
      return;
    }
    clear.on("error", () => stream.destroy());
    const session = { ...destination, peer, stream: clear, secure: clear !== stream };
    if (frontend.backend.forwardProtocol === "http") this.#http.serve(session);
    else await this.#forwardTcp(session);
  }

  async #forwardTcp(session: Session): Promise<void> {
    const upstream = await this.#backends.connect(session, session.peer);
    if ("reasons" in upstream) {
      this.#told(session, "no backend");
      session.stream.destroy();
      return;
    }
    this.#told(session, "forwarded", upstream.server);
    join(session.stream, upstream.socket);
  }

  close(): void {
    this.#backends.close();
    for (const stream of this.#streams) stream.destroy();
  }
}
