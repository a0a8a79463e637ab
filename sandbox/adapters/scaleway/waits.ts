/** Waiting for a load balancer and what hangs on it, until its status is one that stays. */
import type { Zone } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { waitFor } from "../wait.ts";
import type { Scaleway } from "./client.ts";
import { ask } from "./errors.ts";

/** @throws Refusal 404 when it is not there, or goes away meanwhile. */
export function settledLoadBalancer(api: Scaleway, zone: string, lbId: string): Promise<Lbv1.Lb> {
  const what = `load balancer ${zone}/${lbId}`;
  let seen = "nothing";
  return waitFor(
    `${what} settles`,
    api.patience,
    async () => {
      const lb = await ask(`read ${what}`, api.lb.getLb({ zone: zone as Zone, lbId }));
      const instances = lb.instances.map(({ status }) => status);
      seen = [`status ${lb.status}`, ...instances.map((status) => `instance ${status}`)].join(", ");
      const settled =
        !Lbv1.LB_TRANSIENT_STATUSES.includes(lb.status) &&
        !instances.some((status) => Lbv1.INSTANCE_TRANSIENT_STATUSES.includes(status));
      return settled ? lb : undefined;
    },
    () => seen,
  );
}

/** @throws Refusal 404 when the load balancer is not there. */
export function settledAttachments(
  api: Scaleway,
  zone: string,
  lbId: string,
): Promise<Lbv1.PrivateNetwork[]> {
  const what = `private networks of load balancer ${zone}/${lbId}`;
  let seen = "nothing";
  return waitFor(
    `${what} settle`,
    api.patience,
    async () => {
      const listed = api.lb.listLbPrivateNetworks({ zone: zone as Zone, lbId }).all();
      const attachments = await ask(`list ${what}`, listed);
      seen = attachments.map((one) => `${one.privateNetworkId} ${one.status}`).join(", ") || "none";
      const pending = attachments.some(({ status }) =>
        Lbv1.PRIVATE_NETWORK_TRANSIENT_STATUSES.includes(status),
      );
      return pending ? undefined : attachments;
    },
    () => seen,
  );
}

/** @throws Refusal 404 when it is not there, or goes away meanwhile. */
export function settledCertificate(
  api: Scaleway,
  zone: string,
  certificateId: string,
): Promise<Lbv1.Certificate> {
  const what = `certificate ${zone}/${certificateId}`;
  let seen = "nothing";
  return waitFor(
    `${what} settles`,
    api.patience,
    async () => {
      const asked = api.lb.getCertificate({ zone: zone as Zone, certificateId });
      const certificate = await ask(`read ${what}`, asked);
      seen = `status ${certificate.status}`;
      const pending = Lbv1.CERTIFICATE_TRANSIENT_STATUSES.includes(certificate.status);
      return pending ? undefined : certificate;
    },
    () => seen,
  );
}
