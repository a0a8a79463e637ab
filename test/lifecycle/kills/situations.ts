/** The situations in which a run can be killed: what it has changed at the clouds last, and what the state knows of it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { BARRIER, CERTIFICATE, ON_BALANCER, SERVICE } from "../../../operate/renewalGuard.ts";
import type { InterceptedRequest } from "../../../sandbox/clouds/interceptors.ts";
import type { World } from "../../../sandbox/world/startWorld.ts";
import { changes, type Instant, nameOf, watchInstants } from "./moments.ts";

/** What a renewal replaces: the serial, and the id on the load balancer. */
export interface Replaced {
  serial: string;
  certificateId: string;
}

export interface Kill extends Instant {
  situation: string;
}

/**
 * Tells in which situation each moment of a run is: what has been changed since the state has learned something, what the
 * state knows, and what is begun. Reads change nothing, so that it makes no difference between which of them a run is
 * killed: what it leaves behind is the same.
 */
export class Situations {
  readonly #stateFile: string;
  readonly #replaced: Replaced;
  #saved = "";
  #since: string[] = [];
  /** Of the run that goes on: whether it has changed or begun anything. */
  #isAtWork = true;

  constructor(stateFile: string, replaced: Replaced) {
    this.#stateFile = stateFile;
    this.#replaced = replaced;
  }

  /** Another run, which is in the situation that the one before has left until it is at work. */
  next(): void {
    this.#isAtWork = false;
  }

  /** Undefined after a request that was to change nothing, and in a run that is not at work yet. */
  at({ request, moment }: Instant, intercepted: InterceptedRequest): string | undefined {
    const { saved, begun } = stateOf(this.#stateFile, this.#replaced);
    if (saved !== this.#saved) this.#since = [];
    this.#saved = saved;
    if (moment === "done") {
      if (!changes(intercepted)) return undefined;
      // What the run before has changed, this one does anew.
      if (!this.#isAtWork) this.#since = [];
      this.#isAtWork = true;
      this.#since.push(request);
    }
    if (begun !== "" && this.#since.length === 0) this.#isAtWork = true;
    if (!this.#isAtWork) return undefined;
    // Of a deletion also what was before: a record is deleted as what a killed run has left, and when it has served.
    const isDeletion = this.#since.at(-1)?.includes(" DELETE ");
    const since = this.#since.slice(isDeletion ? -2 : -1).join(", then ");
    return `changed: ${since || "-"}; saved: ${saved || "-"}; begun: ${begun || "-"}`;
  }
}

/**
 * Kills runs, each where it comes to a situation in which none was killed before.
 *
 * @param kill called once in a run; its request has no effect when it had only arrived
 */
export function killAnew(world: World, situations: Situations, kills: Kill[]) {
  return (kill: (where: Kill) => unknown): (() => { where: Kill | undefined; late: string[] }) => {
    const late: string[] = [];
    let where: Kill | undefined;
    let isKilled = false;
    if (kills.length > 0) situations.next();
    const stop = watchInstants(world, async (instant, request) => {
      if (where) {
        if (isKilled && instant.moment === "arrived") late.push(nameOf(instant));
        return undefined;
      }
      const situation = situations.at(instant, request);
      if (situation === undefined || kills.some((each) => each.situation === situation))
        return undefined;
      where = { ...instant, situation };
      kills.push(where);
      await kill(where);
      isKilled = true;
      return instant.moment === "arrived" ? { cut: "at once" } : undefined;
    });
    return () => {
      stop();
      return { where, late };
    };
  };
}

/** Every moment of a run at which it can be killed, in their order. */
export function recordKills(world: World, situations: Situations): () => Kill[] {
  const recorded: Kill[] = [];
  const stop = watchInstants(world, (instant, request) => {
    const situation = situations.at(instant, request);
    if (situation !== undefined) recorded.push({ ...instant, situation });
    return undefined;
  });
  return () => {
    stop();
    return recorded;
  };
}

/** A certificate that was issued by then is lost: its key dies with the run. */
export const isUnsaved = ({ situation }: Kill) => situation.includes("; saved: -;");

export const describeKill = (kill: Kill) => `${nameOf(kill)} [${kill.situation}]`;

const KINDS = new Map([
  [CERTIFICATE, "certificate"],
  [ON_BALANCER, "load balancer certificate"],
  [SERVICE, "Service"],
  [BARRIER, "barrier"],
]);

interface Saved {
  type: string;
}
type Line =
  | { key: string; state: Saved | null }
  | { operation: string; type?: string; state?: Saved };

/** Which resources the state has as they are after the renewal, that the old one is out of it, and what is begun. */
function stateOf(stateFile: string, { serial, certificateId }: Replaced) {
  const { resources, begun } = read(stateFile);
  const isOld = (resource: Saved) => {
    const text = JSON.stringify(resource);
    return text.includes(serial) || text.includes(certificateId);
  };
  const isKept = resources.some((each) => each.type === ON_BALANCER && isOld(each));
  const fresh = resources.filter((each) => !isOld(each));
  const kinds = fresh.flatMap(({ type }) => KINDS.get(type) ?? []).sort();
  return {
    saved: [...kinds, ...(isKept ? [] : ["deletion"])].join(", "),
    begun: begun.join(", "),
  };
}

/** The state as the next run reads it: the file, and what the journal has of it if it belongs to it. */
function read(stateFile: string): { resources: Saved[]; begun: string[] } {
  const text = readFileSync(stateFile, "utf8");
  const base: Saved[] = JSON.parse(text).deployment.resources ?? [];
  const resources = new Map(base.map((resource, index) => [`b${index}`, resource]));
  const begun = new Map<string, string>();
  const [head, ...lines] = journalOf(stateFile).map((line) => JSON.parse(line));
  const digest = createHash("sha256").update(text).digest("hex");
  for (const line of head?.base === digest ? (lines as Line[]) : []) {
    if ("operation" in line) {
      const kind = KINDS.get(line.state?.type ?? "");
      if (kind && /^(creating|updating|deleting)$/.test(line.type ?? ""))
        begun.set(line.operation, `${line.type} ${kind}`);
      else begun.delete(line.operation);
    } else if (line.state) resources.set(line.key, line.state);
    else resources.delete(line.key);
  }
  return { resources: [...resources.values()], begun: [...begun.values()].sort() };
}

/** Its whole lines. */
function journalOf(stateFile: string): string[] {
  try {
    return readFileSync(`${stateFile}.journal`, "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
}
