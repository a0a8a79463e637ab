/** What a run claims of an authority's certificates of a week, beyond first ones: those the program counts beforehand. */
import { Failure } from "../dynamic/failure.ts";
import { limitsOf } from "./acme/limits.ts";
import { registeredDomains } from "./domain.ts";

export interface Claim {
  directory: string;
  names: readonly string[];
  /** The Cloudflare zones of the names. */
  zones: { name: string }[];
  /** What the authority has granted. @default what is known of it */
  perWeek?: number | undefined;
}

/** Ids by directory and registered domain, of this process. */
const claims = new Map<string, Set<string>>();

/**
 * Counts a certificate that is to be issued and replaces none of the same account. Called by `diff`, so that a preview
 * ends before anything is asked of the authority.
 *
 * @throws Failure when the run asks for more than a week's
 */
export function claim(id: string, { directory, names, zones, perWeek }: Claim): void {
  const limits = limitsOf(directory);
  const most = perWeek || limits?.perDomain;
  if (most === undefined) return;
  for (const domain of registeredDomains(names, zones)) {
    const key = `${directory} ${domain}`;
    const ids = claims.get(key) ?? new Set();
    claims.set(key, ids.add(id));
    if (ids.size > most)
      throw new Failure({
        subject: id,
        step: "counting the certificates that this run asks for",
        seen: `more than ${most} under ${domain} that no renewal is exempt by, and ${limits?.authority ?? "the authority"} issues ${most} a week`,
        advice: `Set maxIssuancesPerRun to at most ${most}, and run \`up\` once a week`,
      });
  }
}
