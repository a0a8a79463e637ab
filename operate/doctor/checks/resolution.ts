import {
  type AuthoritativeServer,
  type Authority,
  addressesAt,
} from "../../../certificate/challenge/authority.ts";
import { reason } from "../../../dynamic/failure.ts";
import { type Check, type Finding, failed, ok, orOk, warning } from "../check.ts";

const NONE = "nothing";

/** That each name leads to its reserved address from here, where many resolvers drop private answers. */
export const resolutionCheck: Check = {
  title: "Resolution from here",
  async run({ authority, config, deployed }) {
    const records = deployed.endpoints.flatMap((endpoint) => endpoint.records);
    if (records.length === 0) return [ok("no A record is made yet")];
    const zones = config.dnsZones.map(({ name }) => name);
    const found = await Promise.all(
      records.map(async (record) => {
        const zone = await authority.zoneOf(record.name, zones);
        return judge(record, await authority.servers(zone), authority);
      }),
    );
    return orOk(
      found.flat(),
      records.map(({ name, address }) => `${name} is ${address}`).join(", "),
    );
  },
};

interface Wanted {
  name: string;
  address: string;
}

async function judge(
  { name, address }: Wanted,
  servers: AuthoritativeServer[],
  authority: Authority,
): Promise<Finding[]> {
  const wildcard = name.replace(/^\*\./, "private-lb.");
  const here = await authority.resolve4(wildcard).catch((error: unknown) => reason(error));
  const seen = typeof here === "string" ? here : here.join(", ") || NONE;
  if (seen === address) return [];
  const truth = await atZone(wildcard, servers);
  if (truth !== undefined && truth !== address)
    return [
      failed(
        `${name} is ${truth} at its zone's servers, and ${address} is reserved`,
        "Run a refresh, then `up`",
      ),
    ];
  const filtered = typeof here === "string" || here.length === 0 || here.includes("0.0.0.0");
  if (truth === address && filtered)
    return [
      warning(
        `this machine's resolver drops private answers (DNS rebinding protection): ${name} is ${address} at its zone's servers, and here ${seen}`,
        `Allow private answers of the zone there (dnsmasq: rebind-domain-ok, unbound: private-domain), or use another resolver; right after a first up it may still remember that there was none`,
      ),
    ];
  const advice = "Wait until what the resolver remembers has run out, or clear its cache";
  return [warning(`${name} is ${seen} here, and ${address} is reserved`, advice)];
}

/** Undefined when no server answers. */
async function atZone(name: string, servers: AuthoritativeServer[]): Promise<string | undefined> {
  const asked = servers.map((server) => addressesAt(server, name));
  return Promise.any(asked).then(
    (addresses) => addresses.join(", ") || NONE,
    () => undefined,
  );
}
