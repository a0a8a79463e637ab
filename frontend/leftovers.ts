/**
 * Certificates on the endpoint's own load balancer that a run made and no state knows: one that was killed
 * between the API's answer and the saving of it. Only what has an endpoint's name for its certificates and is
 * used by no frontend is looked at.
 */
import { type Client, Errors, type Zone } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { isCertificateName } from "../config/naming.ts";
import { reason } from "../dynamic/failure.ts";

export interface LeftoverTarget {
  zone: string;
  /** Bare. */
  loadBalancerId: string;
  /** The primary name. */
  domain: string;
  /** Bare: the certificate in use, and the one before, which the engine deletes itself. */
  keep: readonly string[];
  /** Bare: what the last pass found unused. */
  seenBefore: readonly string[];
}

/**
 * Removes certificates that are certainly nobody's: another copy of the one in use, or one that was unused at
 * the last pass already. What a failed run has replaced is unused for a while too, but the engine still has it
 * and deletes it, so a first sight is only noted.
 *
 * @param warn told what could not be removed; never fails a run
 * @returns the ids of what is unused and still there, bare
 */
export async function removeLeftovers(
  client: Client,
  { zone: zoneName, loadBalancerId: lbId, domain, keep, seenBefore }: LeftoverTarget,
  warn: (message: string) => void = console.warn,
): Promise<string[]> {
  const zone = zoneName as Zone;
  try {
    const api = new Lbv1.ZonedAPI(client);
    const all = await api.listCertificates({ zone, lbId }).all();
    const inUse = all.find(({ id }) => id === keep[0]);
    const candidates = all.filter(
      ({ id, name }) => !keep.includes(id) && isCertificateName(domain, name),
    );
    if (candidates.length === 0) return [];
    const frontends = await api.listFrontends({ zone, lbId }).all();
    const used = new Set(frontends.flatMap(({ certificateIds }) => certificateIds ?? []));
    const unused = candidates.filter(({ id }) => !used.has(id));
    const orphans = unused.filter(
      ({ id, name }) => name === inUse?.name || seenBefore.includes(id),
    );
    for (const { id: certificateId } of orphans) await remove(api, zone, certificateId);
    return unused.filter((each) => !orphans.includes(each)).map(({ id }) => id);
  } catch (error) {
    warn(`unused certificates of ${domain} on load balancer ${lbId}: ${reason(error)}`);
    return [...seenBefore];
  }
}

async function remove(api: Lbv1.ZonedAPI, zone: Zone, certificateId: string): Promise<void> {
  try {
    await api.deleteCertificate({ zone, certificateId });
  } catch (error) {
    if (!(error instanceof Errors.ResourceNotFoundError)) throw error;
  }
}
