/** Whether a certificate in the state is to be replaced in this run. */
import { isDeepStrictEqual } from "node:util";
import { changeReason } from "./change.ts";
import { type Bounds, type CertificateInputs, type CertificateOutputs, INPUTS } from "./inputs.ts";
import { Turns } from "./turns.ts";

/** What `check` was told, the same for every certificate of the run. */
const turns = new Turns();
let perWeek: number | undefined;

export function boundRun(bounds: Bounds = {}): void {
  turns.bound = bounds.renewals;
  perWeek = bounds.perWeek;
}

/** @throws Failure when the run asks for more certificates than an authority's week has */
export async function countOrder(
  id: string,
  olds: CertificateOutputs,
  news: CertificateInputs,
): Promise<void> {
  if (replaces(olds, news)) return;
  const { claim } = await import("./quota.ts");
  claim(id, { ...news, perWeek });
}

/** Without a certificate an endpoint cannot be: the program has counted it among the first ones. */
export const hasTurn = (id: string, olds: CertificateOutputs) => !olds.chainPem || turns.take(id);

/** Whether the new certificate's order may name the old one: it is then exempt from an authority's limits. */
export function replaces(olds: CertificateOutputs | undefined, news: CertificateInputs): boolean {
  // One that was adopted is of another account, which alone may name it (RFC 9773, section 5).
  return isSuccessor(olds, news) && !olds?.adopted;
}

export function isSuccessor(
  olds: CertificateOutputs | undefined,
  news: CertificateInputs,
): boolean {
  if (olds?.directory !== news.directory || olds.accountUrl !== news.accountUrl) return false;
  return news.names.some((name) => olds.names?.includes(name));
}

/**
 * Whether settings differ that ask for no new certificate. The state is to know them all the same: they would be a change
 * beside the next renewal, which its guard refuses.
 */
export function otherSettings(olds: CertificateOutputs, news: CertificateInputs): boolean {
  return INPUTS.some((key) => key !== "status" && !isDeepStrictEqual(olds[key], news[key]));
}

/** The old status is what the last refresh saw: once shown as due, it is renewed. */
export async function isDue(olds: CertificateOutputs, news: CertificateInputs): Promise<boolean> {
  if (olds.status !== news.status || changeReason(olds, news, TIMELESS)) return true;
  if (!changeReason(olds, news, new Date())) return false;
  const { authorityNow } = await import("./clock.ts");
  return changeReason(olds, news, await authorityNow(news.directory)) !== undefined;
}

/** At which nothing is due by the clock. */
const TIMELESS = new Date(0);
