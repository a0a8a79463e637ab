/** The moments at which a run can be killed: where each of its requests arrives, and where one has had its effect. */
import type {
  InterceptedRequest,
  Interceptor,
  Moment,
} from "../../../sandbox/clouds/interceptors.ts";
import type { World } from "../../../sandbox/world/startWorld.ts";

export interface Instant {
  /** `scaleway POST /lb/v1/zones/fr-par-1/lbs/{id}/certificates`: the keys of a query belong to it, their values not. */
  request: string;
  /** 1 for the first such request of the run. */
  occurrence: number;
  moment: Moment;
}

/** What the CCM asks is not the run's. */
export const isOfRun = ({ headers }: InterceptedRequest) =>
  !/ccm|cloud-controller|undici/.test(String(headers["user-agent"]));

export const nameOf = ({ request, occurrence, moment }: Instant) =>
  `${request}${occurrence > 1 ? ` (${occurrence})` : ""} ${moment === "done" ? "done" : "arrives"}`;

/**
 * Calls `kill` at that instant, once; a request that had only arrived then has no effect.
 *
 * @returns ends it, and says whether the instant came
 */
export function onInstant(world: World, wanted: Instant, kill: () => unknown): () => boolean {
  let came = false;
  const stop = watchInstants(world, async (instant) => {
    if (came || nameOf(instant) !== nameOf(wanted)) return undefined;
    came = true;
    await kill();
    return instant.moment === "arrived" ? { cut: "at once" } : undefined;
  });
  return () => {
    stop();
    return came;
  };
}

type Listener = (instant: Instant, request: InterceptedRequest) => ReturnType<Interceptor>;

/** Asks the listener at each moment of each request of a run, and does as it says. */
export function watchInstants(world: World, listener: Listener): () => void {
  const moments: Moment[] = ["arrived", "done"];
  const removals = moments.map((moment) => {
    const seen = new Map<string, number>();
    return world.intercept(async (request) => {
      if (!isOfRun(request)) return undefined;
      const label = labelOf(request);
      const occurrence = (seen.get(label) ?? 0) + 1;
      seen.set(label, occurrence);
      return await listener({ request: label, occurrence, moment }, request);
    }, moment);
  });
  return () => {
    for (const remove of removals) remove();
  };
}

function labelOf({ api, method, path }: InterceptedRequest): string {
  const [route = "", query = ""] = path.split("?");
  const keys = [...new URLSearchParams(query).keys()].sort().join("&");
  // A UUID, a token of ACME's, an id of Cloudflare's.
  const isId = (part: string) => part.length > 15 && /\d/.test(part) && !part.includes("-lb-");
  const pattern = route.split("/").map((part) => (isId(part) ? "{id}" : part));
  return `${api} ${method} ${pattern.join("/")}${keys && `?${keys}`}`;
}

/** Whether it has changed something. ACME reads by a POST without a payload (RFC 8555, section 6.3). */
export function changes({ api, method, path, body, answer }: InterceptedRequest): boolean {
  if (answer && answer.status >= 400) return false;
  if (method === "GET" || method === "HEAD" || path.includes("dryRun=All")) return false;
  return api !== "acme" || JSON.parse(String(body)).payload !== "";
}
