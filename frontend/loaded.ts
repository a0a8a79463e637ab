/** Whether a load balancer could load a certificate, asked before a frontend is told to serve it. */
import { type Client, Errors, type Zone } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { Failure, reason } from "../dynamic/failure.ts";
import { poll } from "../dynamic/poll.ts";

export interface Uploaded {
  /** The endpoint's domain, for messages. */
  domain: string;
  /** `fr-par-1` */
  zone: string;
  /** Bare. */
  certificateId: string;
}

const PACE = { first: 200, max: 2000, timeout: 15_000 };

/**
 * Scaleway's plugin takes a certificate that ended in status `error` for a success. Such a one is deleted, so that the
 * run after the next refresh uploads it anew.
 *
 * @throws Failure with what the load balancer says. One that is gone is for the CCM and the barrier to tell.
 */
export async function requireLoaded(client: Client, uploaded: Uploaded): Promise<void> {
  const { domain, zone, certificateId } = uploaded;
  const api = new Lbv1.ZonedAPI(client);
  const about = { subject: domain, step: `putting the certificate ${certificateId} into use` };
  const place = { zone: zone as Zone, certificateId };
  let seen = "";
  const certificate = await poll<Lbv1.Certificate | "gone">(
    () =>
      api.getCertificate(place).catch((error: unknown) => {
        if (error instanceof Errors.ResourceNotFoundError) return "gone" as const;
        seen = reason(error);
        return undefined;
      }),
    PACE,
  );
  if (certificate === undefined) throw new Failure({ ...about, seen: `the Scaleway API: ${seen}` });
  if (certificate === "gone" || certificate.status !== "error") return;
  const why = certificate.statusDetails ?? "it does not say why";
  const removed = await api.deleteCertificate(place).then(
    () => "It was deleted there, and what was served before still is",
    (error: unknown) => `What was served before still is; delete it there (${reason(error)})`,
  );
  throw new Failure({
    ...about,
    seen: `the load balancer could not load it (${why})`,
    advice: `${removed}: run \`pulumi up --refresh\`, or the next renewal, to upload it anew`,
  });
}
