/** What the Scaleway API says of the frontend that the CCM makes for a Service. */
import { type Client, Errors, type Zone } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { reason } from "../dynamic/failure.ts";

export interface FrontendTarget {
  /** `fr-par-1` */
  zone: string;
  /** Bare. */
  loadBalancerId: string;
  /** The name that the CCM gives: `<service uid>_tcp_<port>`. */
  name: string;
}

/**
 * `gone`: there is no such load balancer. `unknown`: the API gave no answer to build on, and may give one
 * later.
 */
export type FrontendSeen =
  | { kind: "found"; id: string; certificateIds: string[] }
  | { kind: "absent"; others: string[] }
  | { kind: "gone" }
  | { kind: "unknown"; seen: string };

/**
 * Looks once.
 *
 * @throws Error when looking again is of no use: no permission, a bad request.
 */
export async function findFrontend(client: Client, target: FrontendTarget): Promise<FrontendSeen> {
  const { loadBalancerId: lbId, name } = target;
  try {
    const api = new Lbv1.ZonedAPI(client);
    // Not filtered by name: when ours is absent, what is there instead tells why.
    const all = await api.listFrontends({ zone: target.zone as Zone, lbId }).all();
    const found = all.find((frontend) => frontend.name === name);
    if (!found) return { kind: "absent", others: all.map((each) => each.name) };
    return { kind: "found", id: found.id, certificateIds: found.certificateIds ?? [] };
  } catch (error) {
    if (error instanceof Errors.ResourceNotFoundError) return { kind: "gone" };
    if (isFinal(error)) throw error;
    return { kind: "unknown", seen: `the Scaleway API: ${reason(error)}` };
  }
}

function isFinal(error: unknown): boolean {
  const status = (error as { status?: unknown } | null)?.status;
  return (
    typeof status === "number" && status >= 400 && status < 500 && status !== 408 && status !== 429
  );
}
