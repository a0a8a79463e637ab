/** The ACME directory and the stack's account there (RFC 8555, sections 7.1.1 and 7.3.1). */
import { adviceFor } from "../../../certificate/acme/advice.ts";
import { AcmeProblem, isObject } from "../../../certificate/acme/problem.ts";
import { openSession } from "../../../certificate/acme/session.ts";
import { type Check, type Finding, failed, list, ok, warning } from "../check.ts";
import type { Context } from "../context.ts";
import { acmeEndpoints } from "../endpoints.ts";

export const acmeCheck: Check = {
  title: "ACME",
  async run(context, signal) {
    const { meta } = await context.acme.directory(signal);
    const known = isObject(meta) ? meta : {};
    return [
      ok(`${context.config.acmeDirectory} answers`),
      ...profiles(context, known),
      ...(await account(context, known, signal)),
    ];
  },
};

function profiles({ config }: Context, meta: Record<string, unknown>): Finding[] {
  const offered = Object.keys(isObject(meta["profiles"]) ? meta["profiles"] : {});
  return acmeEndpoints(config)
    .filter(({ profile }) => profile !== undefined && !offered.includes(profile))
    .map(({ domain, profile }) =>
      failed(
        `the authority has no profile ${profile}, which ${domain} asks for`,
        offered.length > 0 ? `It has ${list(offered)}` : "It has no profiles: leave `profile` out",
      ),
    );
}

async function account(
  { acme, config, deployed }: Context,
  meta: Record<string, unknown>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { account: held } = deployed;
  const { acmeExternalAccountBinding: binding } = config;
  if (!held || held.directory !== config.acmeDirectory) {
    if (meta["externalAccountRequired"] !== true || binding)
      return [ok("no account there yet: the first up registers one")];
    const advice = "Get a key id and an HMAC key from it, and set acmeExternalAccountBinding";
    return [failed("the authority wants an external account binding", advice)];
  }
  if (!held.keyPem)
    return [warning("the account's key is not readable in the state", "Run a refresh, then `up`")];
  const session = openSession({
    directory: held.directory,
    accountKeyPem: held.keyPem,
    endpoint: acme,
    signal,
  });
  try {
    const { data } = await session.api.createAccount({ onlyReturnExisting: true });
    const status = isObject(data) ? data["status"] : undefined;
    if (status === "valid") return [ok(`account ${held.url} is usable`)];
    return [failed(`account ${held.url} is ${status}`, "A refresh and an up register another")];
  } catch (error) {
    if (!(error instanceof AcmeProblem)) throw error;
    const advice = adviceFor(error) ?? "A refresh and an up register another";
    return [failed(`account ${held.url}: ${error.message}`, advice)];
  }
}
