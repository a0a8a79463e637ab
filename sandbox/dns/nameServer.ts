/** What one authoritative server knows of the zones, and how any server misbehaves when a test wants it to. */
import type DNS from "dns2";
import { type Answer, answerAuthoritatively, failure, type Question } from "./lookup.ts";
import type { Zone, ZoneSource } from "./zone.ts";

/** Each is off unless set. */
export interface Behaviour {
  /** Milliseconds until a change of a zone is visible here. Authoritative servers only. */
  delay?: number;
  /** Sees no change from now on. Authoritative servers only. */
  isFrozen?: boolean;
  /** Never answers. */
  isDead?: boolean;
  /** Answers every question with this code, such as 2 (SERVFAIL) or 5 (REFUSED). */
  rcode?: number;
  /** Its records in place of the true ones, where it gives any: a server that lies. */
  lie?: (question: Question) => DNS.Packet.Resource[] | undefined;
}

/** Undefined: never answer. */
export type Responder = (question: Question) => Answer | undefined;

/** What a server of this behaviour answers that would honestly answer as `honest`. */
export function misbehave(
  { isDead, rcode, lie }: Behaviour,
  question: Question,
  honest: Responder,
): Answer | undefined {
  if (isDead) return undefined;
  if (rcode !== undefined) return failure(rcode);
  const truth = honest(question);
  const answers = lie?.(question);
  return truth && answers ? { ...truth, rcode: 0, answers, authorities: [] } : truth;
}

interface View {
  zones: readonly Zone[];
  serial: number;
  /** Milliseconds on the clock of `performance.now()`. */
  visibleAt: number;
}

export class NameServer {
  readonly #source: ZoneSource;
  readonly #stopListening: () => void;
  #behaviour: Behaviour = {};
  /** In the order of their changes; the first is the one that is seen now. */
  #views: View[];

  constructor(source: ZoneSource) {
    this.#source = source;
    this.#views = [{ zones: source.zones(), serial: 1, visibleAt: 0 }];
    this.#stopListening = source.onChange(() => this.#update());
  }

  /** Replaces how this server behaves; `{}` makes it honest and prompt again. */
  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
    this.#update();
  }

  readonly respond: Responder = (question) =>
    misbehave(this.#behaviour, question, (asked) => {
      const { zones, serial } = this.#view();
      return answerAuthoritatively(zones, asked, serial);
    });

  stop(): void {
    this.#stopListening();
  }

  #update(): void {
    if (this.#behaviour.isFrozen) return;
    const serial = (this.#views.at(-1)?.serial ?? 0) + 1;
    const visibleAt = performance.now() + (this.#behaviour.delay ?? 0);
    this.#views.push({ zones: this.#source.zones(), serial, visibleAt });
    this.#view();
  }

  #view(): View {
    const now = performance.now();
    const seen = this.#views.findLastIndex(({ visibleAt }) => visibleAt <= now);
    this.#views.splice(0, Math.max(0, seen));
    return this.#views[0] as View;
  }
}
