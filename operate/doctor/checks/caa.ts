/** That CAA records let the authority issue: RFC 8659, with the parameters of RFC 8657. */
import type { CaaRecord } from "node:dns";
import { type Authority, suffixes } from "../../../certificate/challenge/authority.ts";
import { type Check, type Finding, failed, list, ok, warning } from "../check.ts";
import type { Context } from "../context.ts";
import { acmeEndpoints } from "../endpoints.ts";

export const caaCheck: Check = {
  title: "CAA",
  async run(context, signal) {
    const identities = await caaIdentities(context, signal);
    const names = acmeEndpoints(context.config).flatMap((endpoint) =>
      endpoint.names.map(({ name }) => name),
    );
    const found = await Promise.all(names.map((name) => judge(name, identities, context)));
    const faults = found.flat();
    return faults.length > 0 ? faults : [ok(`${list(names)} may be certified`)];
  },
};

/** https://www.rfc-editor.org/rfc/rfc8555#section-7.1.1 */
async function caaIdentities({ acme }: Context, signal: AbortSignal): Promise<string[]> {
  const { meta } = await acme.directory(signal);
  const named = (meta as { caaIdentities?: unknown } | undefined)?.caaIdentities;
  return Array.isArray(named) ? named.map((each) => String(each).toLowerCase()) : [];
}

async function judge(
  name: string,
  identities: string[],
  { authority, deployed }: Context,
): Promise<Finding[]> {
  const found = await relevant(name.replace(/^\*\./, ""), authority);
  if (!found) return [];
  const wild = name.startsWith("*.")
    ? found.records.filter((each) => each.issuewild !== undefined)
    : [];
  const issue = found.records.filter((each) => each.issue !== undefined);
  const rules = (wild.length > 0 ? wild : issue).map((each) =>
    parse(String(each.issuewild ?? each.issue)),
  );
  if (rules.length === 0) return [];
  const shown = rules.map(({ text }) => `"${text}"`);
  const seen = `the CAA records of ${found.at} admit ${list(shown)} to certify ${name}`;
  if (identities.length === 0)
    return [
      warning(
        `${seen}, and the ACME directory does not say what it is called there`,
        "Look whether that is this authority",
      ),
    ];
  const mine = rules.filter(({ issuer }) => identities.includes(issuer));
  const advice = `Add \`${found.at} CAA 0 issue "${identities[0]}"\``;
  if (mine.length === 0) return [failed(`${seen}, not ${list(identities)}`, advice)];
  const fits = mine.some(
    ({ parameters: { accounturi, validationmethods } }) =>
      (!validationmethods || validationmethods.split(",").includes("dns-01")) &&
      (!accounturi || !deployed.account || accounturi === deployed.account.url),
  );
  if (fits) return [];
  return [failed(`${seen}, with another account or another method than dns-01`, advice)];
}

/** The records of the name, or of the nearest name above that has any (RFC 8659, section 3). */
async function relevant(
  name: string,
  authority: Authority,
): Promise<{ at: string; records: CaaRecord[] } | undefined> {
  for (const at of suffixes(name)) {
    const records = await authority.caa(at);
    if (records.length > 0) return { at, records };
  }
  return undefined;
}

function parse(text: string) {
  const [issuer = "", ...rest] = text.split(";").map((part) => part.trim());
  const pairs = rest.map((part) => part.split("=").map((each) => each.trim()));
  const parameters = Object.fromEntries(pairs) as Record<string, string | undefined>;
  return { text, issuer: issuer.toLowerCase(), parameters };
}
