import type { AuthoritativeServer } from "./authority.ts";
import { Lookout } from "./lookout.ts";

export interface PropagationOptions {
  /** Where the TXT record is. */
  name: string;
  /** Without quotes. */
  value: string;
  /** The zone's name. */
  zone: string;
  servers: readonly AuthoritativeServer[];
  /** The TXT values at one server. */
  txtAt: (server: AuthoritativeServer, name: string) => Promise<string[]>;
  /** Bound, ms. */
  timeout: number;
  signal?: AbortSignal | undefined;
}

/** By server and zone. */
const lookouts = new Map<string, Lookout>();

/**
 * Waits until every server has the value. The certificate authority asks any of them, and from several
 * places, so one that lags is enough to be refused.
 *
 * @throws Error naming each server that lacks the value at the bound, and what it answered.
 */
export async function propagated(options: PropagationOptions): Promise<void> {
  const { name, servers, timeout } = options;
  const lagging = (await Promise.all(servers.map((server) => waitFor(server, options)))).filter(
    (seen) => seen !== undefined,
  );
  if (lagging.length === 0) return;
  const others = servers.length - lagging.length;
  const have = others > 0 ? ` (${others} of ${servers.length} have it)` : "";
  throw new Error(
    `after ${timeout / 1000} s the value of ${name} TXT is not at every authoritative server${have}: ${lagging.join("; ")}`,
  );
}

/** Undefined once the server has the value; else what it answered last. */
async function waitFor(
  server: AuthoritativeServer,
  { name, value, zone, txtAt, timeout, signal }: PropagationOptions,
): Promise<string | undefined> {
  let seen = "";
  const key = `${server.address} ${zone}`;
  const lookout = lookouts.get(key) ?? new Lookout();
  lookouts.set(key, lookout);
  const found = await lookout.poll(
    async () => {
      try {
        const values = await txtAt(server, name);
        seen = `${server.name} (${server.address}) ${describe(values)}`;
        return values.includes(value) || undefined;
      } catch (error) {
        seen = (error as Error).message;
        return undefined;
      }
    },
    { timeout, signal },
  );
  return found ? undefined : seen;
}

function describe(values: string[]): string {
  if (values.length === 0) return "has no TXT record there";
  return `has ${values.length === 1 ? "another value" : `${values.length} other values`}`;
}
