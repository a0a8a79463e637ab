/**
 * When a certificate is due, without renewal information from the authority: Let's Encrypt's own advice
 * (https://letsencrypt.org/docs/integration-guide/#when-to-renew).
 */
const DAY = 24 * 60 * 60 * 1000;
const SHORT = 10 * DAY;

export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

/** When one third of the lifetime is left, or one half of a lifetime of 10 days or less. */
export function renewAt({ notBefore, notAfter }: Validity): Date {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  const share = lifetime <= SHORT ? 1 / 2 : 1 / 3;
  return new Date(notAfter.getTime() - Math.floor(lifetime * share));
}

/** What the program always wants, and so what a certificate that needs nothing reads as. */
export const VALID = "valid";

/** `valid`, or why a new certificate is due, as a preview shows it. */
export function statusAt(certificate: Validity & { renewAt: Date }, now: Date): string {
  const { notAfter } = certificate;
  if (now >= notAfter) return `expired (${moment(certificate)})`;
  if (now >= certificate.renewAt) return `renewal due (expires ${moment(certificate)})`;
  return VALID;
}

/** The day; for a lifetime of under ten days the minute too. */
function moment({ notBefore, notAfter }: Validity): string {
  const iso = notAfter.toISOString();
  const isShort = notAfter.getTime() - notBefore.getTime() < SHORT;
  return isShort ? `${iso.slice(0, 16)}Z` : iso.slice(0, 10);
}
