/** The API token: https://developers.cloudflare.com/fundamentals/api/get-started/create-token/ */
import Cloudflare from "cloudflare";
import { cloudflareReason } from "../../../certificate/challenge/txtRecord.ts";
import { DNS_EDIT, TOKEN_PERMISSIONS } from "../../../privileges/cloudflare.ts";
import { duration } from "../../renew.ts";
import { type Check, type Finding, failed, list, ok, warning } from "../check.ts";
import type { Context } from "../context.ts";

const SOON = 14 * 24 * 60 * 60 * 1000;
const EDIT = "#dns_records:edit";
/** What a token with these permissions and no more has, in the words of `permissions` of a zone. */
const NEEDED = new Set([EDIT, "#dns_records:read", "#zone:read"]);

export const cloudflareTokenCheck: Check = {
  title: "Cloudflare token",
  async run(context) {
    const state = await verify(await context.cloudflare(), context.now);
    if (state.level === "failed") return [state];
    return [state, ...(await zones(context))];
  },
};

async function verify(client: Cloudflare, now: Date): Promise<Finding> {
  const advice = `Make a token with ${list(TOKEN_PERMISSIONS)}, and set CLOUDFLARE_API_TOKEN`;
  try {
    const { status, expires_on } = await client.user.tokens.verify();
    if (status !== "active") return failed(`the token is ${status}`, advice);
    const left = expires_on ? Date.parse(expires_on) - now.getTime() : Number.POSITIVE_INFINITY;
    return left < SOON ? warning(`the token expires in ${duration(left)}`, advice) : ok("active");
  } catch (error) {
    if (!(error instanceof Cloudflare.APIError) || !error.status) throw error;
    return failed(`Cloudflare refuses the token: ${cloudflareReason(error)}`, advice);
  }
}

async function zones(context: Context): Promise<Finding[]> {
  const seen = await context.zones();
  const needed = context.config.dnsZones.map(({ name }) => name);
  const missing = needed.filter((name) => !seen.some((zone) => zone.name === name));
  const mine = seen.filter(({ name }) => needed.includes(name));
  // Legacy in name, and what tells a token's rights on a zone: absent, nothing can be said.
  const readOnly = mine.filter(({ permissions }) => permissions && !permissions.includes(EDIT));
  const beyond = mine.flatMap(({ permissions }) =>
    (permissions ?? []).filter((each) => !NEEDED.has(each)),
  );
  const more = seen.filter(({ name }) => !needed.includes(name)).map(({ name }) => name);
  const findings: Finding[] = [];
  if (missing.length > 0)
    findings.push(
      failed(
        `the token does not see ${list(missing)}`,
        "Add the zone to the token's zone resources",
      ),
    );
  if (readOnly.length > 0)
    findings.push(
      failed(
        `the token may not edit the records of ${list(readOnly.map(({ name }) => name))}`,
        `Give it ${DNS_EDIT} there`,
      ),
    );
  if (more.length > 0)
    findings.push(
      warning(
        `the token sees more zones than it needs: ${list(more)}`,
        `Limit its zone resources to ${list(needed)}: who gets hold of it could move every name there`,
      ),
    );
  if (beyond.length > 0)
    findings.push(
      warning(
        `the token may do more than it needs: ${list([...new Set(beyond)])}`,
        `Leave it ${list(TOKEN_PERMISSIONS)}`,
      ),
    );
  if (missing.length + readOnly.length === 0) findings.push(ok(`may edit ${list(needed)}`));
  return findings;
}
