/** Load Balancer zoned API v1: certificates. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { name, parseBody } from "../body.ts";
import {
  certificatesOn,
  createCustomCertificate,
  deleteCertificate,
  getCertificate,
  refuseLetsEncrypt,
  renameCertificate,
} from "../certificates.ts";
import { invalidArguments } from "../errors.ts";
import { routesBelow } from "../http.ts";
import { getLoadBalancer, getReadyLoadBalancer } from "../loadBalancers.ts";
import { BY_NAME, listed } from "../query.ts";
import type { Store } from "../store.ts";
import { showCertificate } from "../wire.ts";

const creation = z.object({
  name,
  custom_certificate: z.object({ certificate_chain: z.string().min(1) }).nullish(),
  letsencrypt: z
    .object({ common_name: z.string(), subject_alternative_name: z.array(z.string()).nullish() })
    .nullish(),
});

export function registerCertificates(app: FastifyInstance, store: Store): void {
  const ofLb = routesBelow(app, "/lb/v1/zones/:place/lbs/:id/certificates");
  ofLb.get("", ({ place, id, query }) =>
    listed(
      query,
      "certificates",
      certificatesOn(store, getLoadBalancer(store, place, id)).filter((each) =>
        query.named(each.name),
      ),
      (each) => showCertificate(store, each),
      BY_NAME,
    ),
  );
  ofLb.post("", ({ place, id, body }) => {
    const args = parseBody(creation, body);
    const lb = getReadyLoadBalancer(store, place, id);
    if (args.letsencrypt) refuseLetsEncrypt(store, lb);
    const chain = args.custom_certificate?.certificate_chain;
    if (chain === undefined)
      throw invalidArguments([
        {
          argument_name: "custom_certificate",
          reason: "required",
          help_message: "one of custom_certificate and letsencrypt is needed",
        },
      ]);
    return showCertificate(store, createCustomCertificate(store, lb, args.name, chain));
  });
  const certificates = routesBelow(app, "/lb/v1/zones/:place/certificates/:id");
  certificates.get("", ({ place, id }) => showCertificate(store, getCertificate(store, place, id)));
  certificates.put("", ({ place, id, body }) => {
    const certificate = getCertificate(store, place, id);
    renameCertificate(store, certificate, parseBody(z.object({ name }), body).name);
    return showCertificate(store, certificate);
  });
  certificates.delete("", ({ place, id }) =>
    deleteCertificate(store, getCertificate(store, place, id)),
  );
}
