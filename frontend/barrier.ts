/**
 * The barrier: waits until the frontend holds exactly the new certificate, and, where the network allows,
 * until a TLS handshake serves it. Until then nothing may delete the old one.
 */
import { normaliseSerial } from "../certificate/serial.ts";
import { Failure, reason } from "../dynamic/failure.ts";
import { poll } from "../dynamic/poll.ts";
import type { FrontendSeen } from "./frontends.ts";
import type { Handshake } from "./handshake.ts";

export interface Barrier {
  /** The endpoint's, for messages. */
  domain: string;
  /** `<service uid>_tcp_<port>` */
  frontend: string;
  /** Bare. */
  loadBalancerId: string;
  /** Bare. */
  certificateId: string;
  serial: string;
  /** `172.16.4.10:443`, for messages. */
  place: string;
  serviceUid: string;
  /** Bound of the whole, ms. */
  timeout: number;
}

/** How the barrier looks at the world. */
export interface Probes {
  find: () => Promise<FrontendSeen>;
  shake: () => Promise<Handshake>;
}

export interface Passed {
  frontendId: string;
  handshake: string;
}

export const UNREACHABLE = "not reachable from here";

/** Under way in this process. */
let waiting = 0;

const PACE = { first: 100, max: () => longestPause(waiting) };
/** A load balancer whose frontend is new may refuse connections for a moment, ms. */
const REFUSAL_GRACE = 10_000;

/** ms: a second, or so long that all barriers under way together look 50 times a second. */
export function longestPause(barriers: number): number {
  return Math.max(1000, barriers * 20);
}

/** @throws Failure saying what was seen last. */
export async function passBarrier(
  barrier: Barrier,
  probes: Probes,
  signal?: AbortSignal,
): Promise<Passed> {
  const end = performance.now() + barrier.timeout;
  waiting++;
  try {
    const frontendId = await awaitAttachment(barrier, probes, signal);
    const left = Math.max(end - performance.now(), 0);
    return { frontendId, handshake: await awaitHandshake(barrier, probes, left, signal) };
  } finally {
    waiting--;
  }
}

async function awaitAttachment(
  barrier: Barrier,
  { find }: Probes,
  signal?: AbortSignal,
): Promise<string> {
  const { certificateId, timeout, serviceUid } = barrier;
  const subject = subjectOf(barrier);
  let seen = "";
  const step = `waiting for the certificate ${certificateId}`;
  const advice = `The cloud controller manager attaches it: is it running? kubectl describe the Service with uid ${serviceUid} for its last error`;
  let id: string | undefined;
  try {
    id = await poll(
      async () => {
        const found = await find();
        const fault = attachmentFault(found, certificateId);
        seen = fault ?? "";
        if (found.kind === "gone") throw new Error(seen);
        return fault === undefined && found.kind === "found" ? found.id : undefined;
      },
      { ...PACE, timeout, signal },
    );
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure({ subject, step, seen: reason(error), cause: error });
  }
  if (id !== undefined) return id;
  throw new Failure({ subject, step, seen: `after ${timeout / 1000} s ${seen}`, advice });
}

/** Undefined when the frontend holds exactly the certificate. */
export function attachmentFault(seen: FrontendSeen, certificateId: string): string | undefined {
  if (seen.kind === "unknown") return seen.seen;
  if (seen.kind === "gone") return "the load balancer does not exist";
  if (seen.kind === "absent")
    return `there is no such frontend (there ${list(seen.others, "is none at all", "are")})`;
  const ids = seen.certificateIds;
  if (ids.length === 1 && ids[0] === certificateId) return undefined;
  return `it holds ${list(ids, "no certificate", "")}`;
}

async function awaitHandshake(
  barrier: Barrier,
  { shake }: Probes,
  timeout: number,
  signal?: AbortSignal,
): Promise<string> {
  const start = performance.now();
  let seen = "";
  const outcome = await poll(
    async () => {
      const shaken = await shake();
      const fault = handshakeFault(shaken, barrier);
      if (fault === undefined) return `verified: ${barrier.place} serves ${barrier.serial}`;
      seen = fault;
      if (shaken.kind !== "unreachable") return undefined;
      const isWorthWaiting = shaken.refused && performance.now() - start < REFUSAL_GRACE;
      return isWorthWaiting ? undefined : UNREACHABLE;
    },
    { ...PACE, timeout, signal },
  );
  if (outcome !== undefined) return outcome;
  // Refused up to the bound is no more than not reachable.
  if (seen === UNREACHABLE) return UNREACHABLE;
  throw new Failure({
    subject: subjectOf(barrier),
    step: `waiting for ${barrier.place} to serve ${barrier.serial}`,
    seen: `the frontend holds the certificate, but after ${barrier.timeout / 1000} s ${seen}`,
    advice: "Is that address this load balancer's? Look at its status in the Scaleway console",
  });
}

/** Undefined when the wanted certificate is served; `UNREACHABLE` when that cannot be told from here. */
export function handshakeFault(
  shaken: Handshake,
  { serial, place }: Pick<Barrier, "serial" | "place">,
): string | undefined {
  if (shaken.kind === "unreachable") return UNREACHABLE;
  if (shaken.kind === "failed") return `${place} gives no TLS handshake: ${shaken.seen}`;
  if (shaken.serial === normaliseSerial(serial)) return undefined;
  return `${place} serves another certificate, serial ${shaken.serial}`;
}

function subjectOf({ domain, frontend, loadBalancerId }: Barrier): string {
  return `${domain}: frontend ${frontend} of load balancer ${loadBalancerId}`;
}

function list(items: string[], none: string, before: string): string {
  return items.length > 0 ? `${before} ${items.join(", ")}`.trim() : none;
}
