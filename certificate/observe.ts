/** What a refresh sees of the certificate in a state: the clock, and what its authority says of it. */
import type { RenewalInfo } from "./ari/renewalInfo.ts";
import { observedStatus, renewalTime, validityOf } from "./change.ts";
import type { RevocationCheck } from "./crl.ts";
import { leafOf } from "./pem.ts";
import type { CertificateOutputs } from "./provider.ts";

/** The state with its `status` put right. An authority that does not answer is a warning. */
export async function observe(props: CertificateOutputs, now: Date): Promise<CertificateOutputs> {
  const { renewalInfo: _known, revocation: _checked, ...rest } = props;
  const [renewalInfo, revocation] = await Promise.all([
    askAuthority(props, now),
    checkList(props, now),
  ]);
  const held = { ...rest, ...(renewalInfo && { renewalInfo }), ...(revocation && { revocation }) };
  const renewAt = renewalTime(held, held);
  return { ...held, ...(renewAt && { renewAt }), status: observedStatus(held, now) };
}

async function askAuthority(
  props: CertificateOutputs,
  now: Date,
): Promise<RenewalInfo | undefined> {
  const { chainPem, directory, renewalInfo: known, renewedFor } = props;
  const certificatePem = leafOf(chainPem);
  const validity = validityOf(props);
  if (!validity || !certificatePem || isEarly(known, now)) return known;
  const [{ endpointFor }, { refreshRenewalInfo }] = await Promise.all([
    import("./acme/endpoint.ts"),
    import("./ari/renewalInfo.ts"),
  ]);
  const asked = { ...validity, certificatePem, known, renewedFor };
  return refreshRenewalInfo(endpointFor(directory), asked, { now });
}

async function checkList(
  { chainPem, revocation: known }: CertificateOutputs,
  now: Date,
): Promise<RevocationCheck | undefined> {
  if (!chainPem || isEarly(known, now)) return known;
  const { checkRevocation } = await import("./crl.ts");
  return checkRevocation({ chainPem, known }, { now });
}

function isEarly(known: { nextFetch: string } | undefined, now: Date): boolean {
  return known !== undefined && now.getTime() < Date.parse(known.nextFetch);
}
