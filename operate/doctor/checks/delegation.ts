import { type Check, failed, list, ok } from "../check.ts";

/** That the world asks Cloudflare for the zones: what the registrar says is what the certificate authority sees. */
export const delegationCheck: Check = {
  title: "Zones at Cloudflare",
  async run({ authority, config, zones }) {
    const seen = await zones();
    return await Promise.all(
      config.dnsZones.map(async ({ name }) => {
        const zone = seen.find((each) => each.name === name);
        if (!zone) return failed(`${name} is not seen by the token`, "See Cloudflare token");
        const wanted = (zone.name_servers ?? []).map((each) => each.toLowerCase());
        const there = await authority.servers(name);
        const others = [...new Set(there.map((server) => server.name))].filter(
          (server) => !wanted.includes(server),
        );
        const advice = `Set the zone's name servers at its registrar to ${list(wanted)}`;
        if (others.length > 0)
          return failed(`${name} is delegated to ${list(others)}, not to Cloudflare`, advice);
        if (zone.status !== "active")
          return failed(`${name} is ${zone.status} at Cloudflare`, advice);
        return ok(`${name} is delegated to ${list(wanted)}`);
      }),
    );
  },
};
