/** Certificates of load balancers. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import {
  constraint,
  invalidArguments,
  lbNotFound,
  preconditionFailed,
  quotaExceeded,
  stillInUse,
} from "./errors.ts";
import { publicIpsOf } from "./loadBalancers.ts";
import type { Certificate, LoadBalancer } from "./records.ts";
import type { Store } from "./store.ts";

const MAX_CERTIFICATES = 200;
const MAX_CHAIN_LENGTH = 64 * 1024;
const ARGUMENT = "custom_certificate.certificate_chain";
const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[A-Za-z0-9+/=\s]+-----END \1-----/g;

interface ParsedChain {
  chainPem: string;
  privateKeyPem: string;
  leaf: X509Certificate;
  /** DNS names, the first of which the API calls the common name. */
  names: string[];
}

export function certificatesOn(store: Store, lb: LoadBalancer): Certificate[] {
  return [...store.certificates.values()].filter((certificate) => certificate.lb_id === lb.id);
}

export function getCertificate(store: Store, zone: string, id: string): Certificate {
  const certificate = store.certificates.get(id);
  if (!certificate || store.loadBalancers.get(certificate.lb_id)?.zone !== zone)
    throw lbNotFound("certificate", id);
  return certificate;
}

function malformed(help: string): Error {
  return invalidArguments([{ argument_name: ARGUMENT, reason: "format", help_message: help }]);
}

function parsedKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The cause may quote the key.
    throw malformed("the private key cannot be parsed; it must be PEM and not encrypted");
  }
}

function parsedCertificate(pem: string, index: number): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw malformed(`certificate ${index + 1} of the chain cannot be parsed`);
  }
}

/** DNS names in the certificate's own order; its subject's common name where it has none. */
function namesOf(leaf: X509Certificate): string[] {
  const names = (leaf.subjectAltName ?? "")
    .split(", ")
    .flatMap((entry) => (entry.startsWith("DNS:") ? [entry.slice(4)] : []));
  const common = /^CN=(.+)$/m.exec(leaf.subject ?? "")?.[1];
  return names.length > 0 || common === undefined ? names : [common];
}

/**
 * A PEM chain, leaf first, and its private key. The documented order is chain, then key; the API takes
 * the key in the first place as well (recorded in 2026).
 * @throws ApiError 400 when something is missing, does not parse or does not fit together.
 */
function parseChain(text: string): ParsedChain {
  if (text.length > MAX_CHAIN_LENGTH)
    throw constraint(ARGUMENT, `must not be longer than ${MAX_CHAIN_LENGTH} characters`);
  const blocks = [...text.matchAll(PEM)].map(([pem, label = ""]) => ({ pem, label }));
  const keys = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  const certificates = blocks.filter(({ label }) => label === "CERTIFICATE");
  if (certificates.length === 0) throw malformed("holds no PEM certificate");
  if (keys.length !== 1) throw malformed(`must hold one private key; found ${keys.length}`);
  const parsed = certificates.map(({ pem }, index) => parsedCertificate(pem, index));
  const privateKeyPem = keys[0]?.pem ?? "";
  const leaf = parsed[0];
  if (!leaf?.checkPrivateKey(parsedKey(privateKeyPem)))
    throw constraint(ARGUMENT, "the private key does not belong to the first certificate");
  return {
    chainPem: `${certificates.map(({ pem }) => pem).join("\n")}\n`,
    privateKeyPem: `${privateKeyPem}\n`,
    leaf,
    names: namesOf(leaf),
  };
}

const iso = (date: Date) => date.toISOString().replace(/\.\d+Z$/, "Z");

export function createCustomCertificate(
  store: Store,
  lb: LoadBalancer,
  name: string,
  text: string,
): Certificate {
  const { chainPem, privateKeyPem, leaf, names } = parseChain(text);
  const count = certificatesOn(store, lb).length;
  if (count >= MAX_CERTIFICATES) throw quotaExceeded("lb_certificates", MAX_CERTIFICATES, count);
  const { certificateStatus, certificateReadyAfter } = store.settings;
  const certificate: Certificate = {
    ...store.stamps(),
    id: store.newId(),
    lb_id: lb.id,
    name,
    type: "custom",
    status: certificateStatus,
    status_details: certificateStatus === "error" ? "the certificate could not be deployed" : null,
    common_name: names[0] ?? "",
    subject_alternative_name: names.slice(1),
    fingerprint: leaf.fingerprint.replaceAll(":", "").toLowerCase(),
    not_valid_before: iso(leaf.validFromDate),
    not_valid_after: iso(leaf.validToDate),
    chain_pem: chainPem,
    private_key_pem: privateKeyPem,
  };
  store.certificates.set(certificate.id, certificate);
  if (certificateStatus === "pending" && certificateReadyAfter !== undefined)
    store.after(certificateReadyAfter, () => {
      certificate.status = "ready";
      store.changed(certificate, lb.id);
    });
  store.changed(lb, lb.id);
  return certificate;
}

/** No Let's Encrypt here: the vendor validates over the public address, which private ones lack. */
export function refuseLetsEncrypt(store: Store, lb: LoadBalancer): never {
  throw preconditionFailed(
    publicIpsOf(store, lb).length === 0
      ? "a Let's Encrypt certificate needs a Load Balancer with a public IP address"
      : "the sandbox's public addresses are not reachable for Let's Encrypt's validation",
  );
}

export function renameCertificate(store: Store, certificate: Certificate, name: string): void {
  certificate.name = name;
  store.changed(certificate, certificate.lb_id);
}

export function deleteCertificate(store: Store, certificate: Certificate): void {
  const used = [...store.frontends.values()].some((frontend) =>
    frontend.certificate_ids.includes(certificate.id),
  );
  if (used)
    throw stillInUse("operation was rejected because the certificate is used on a frontend");
  store.certificates.delete(certificate.id);
  store.changed(undefined, certificate.lb_id);
}
