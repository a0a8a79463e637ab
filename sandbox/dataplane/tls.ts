/**
 * TLS at the load balancer. A secure context is made once per certificate and never changed: a connection
 * uses the one that its frontend had when it arrived, so a swap interrupts no connection and no handshake.
 *
 * No HTTP/3: it needs QUIC, which Node does not serve; what a frontend declares (`enable_http3`) is seen
 * in the API only.
 */
import { X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import tls, { type SecureContext, TLSSocket } from "node:tls";
import type { CertificateView, FrontendView } from "../clouds/scaleway/index.ts";

interface Identity {
  context: SecureContext;
  serial: string;
}

export class Terminator {
  readonly #identities = new Map<string, Identity>();

  #identity({ id, chainPem, privateKeyPem }: CertificateView): Identity {
    const known = this.#identities.get(id);
    if (known) return known;
    const identity = {
      context: tls.createSecureContext({ cert: chainPem, key: privateKeyPem }),
      serial: new X509Certificate(chainPem).serialNumber.toLowerCase(),
    };
    this.#identities.set(id, identity);
    return identity;
  }

  /** Forgets what no frontend uses any more. */
  keep(certificateIds: Set<string>): void {
    for (const id of this.#identities.keys())
      if (!certificateIds.has(id)) this.#identities.delete(id);
  }

  /** The serial that a frontend serves: its first certificate's, whatever name the client asks for. */
  serial(frontend: FrontendView): string | undefined {
    const [first] = frontend.certificates;
    return first && this.#identity(first).serial;
  }

  /**
   * The stream itself where the frontend has no certificate, else what comes out of its TLS.
   * @throws whatever the handshake ended with.
   */
  async terminate(stream: Duplex, frontend: FrontendView): Promise<Duplex> {
    const [first] = frontend.certificates;
    if (!first) return stream;
    const secure = new TLSSocket(stream as tls.TLSSocket, {
      isServer: true,
      secureContext: this.#identity(first).context,
      // A TCP backend negotiates for itself; the load balancer does not know what it speaks.
      ...(frontend.backend.forwardProtocol === "http" && {
        ALPNCallback: ({ protocols }: { protocols: string[] }) =>
          protocols.find((protocol) => protocol === "http/1.1"),
      }),
    });
    // The end of a connection is told only to who reads it.
    const reader = () => {};
    secure.on("readable", reader);
    await new Promise((resolve, reject) => {
      const left = () => reject(new Error("the client left during the handshake"));
      secure.once("secure", resolve).once("error", reject).once("end", left).once("close", left);
    });
    secure.off("readable", reader);
    return secure;
  }
}
