/** The A records at Cloudflare that lead to the load balancers. */
import { cloudflareReason } from "../../certificate/challenge/txtRecord.ts";
import { cloudflareClient } from "../../dynamic/cloudflare.ts";
import type { Environment } from "../../dynamic/environment.ts";
import type { Settings } from "./stackFile.ts";
import type { FoundRecord } from "./survey.ts";

/** @throws Error naming the zone, with Cloudflare's words */
export async function dnsSurvey(
  zones: Settings["dnsZones"],
  addresses: string[],
  env: Environment,
): Promise<FoundRecord[]> {
  const client = cloudflareClient(env);
  const found = await Promise.all(
    zones.map(async ({ name, id }) => {
      try {
        const zoneId = id ?? (await zoneIdOf(client, name));
        const records: FoundRecord[] = [];
        for await (const record of client.dns.records.list({ zone_id: zoneId, type: "A" })) {
          const { id: recordId, content = "", ttl } = record;
          if (addresses.includes(content))
            records.push({ id: recordId, zoneId, name: record.name, content, ttl });
        }
        return records;
      } catch (error) {
        const seen = cloudflareReason(error);
        throw new Error(`the records of the zone ${name} at Cloudflare: ${seen}`, { cause: error });
      }
    }),
  );
  return found.flat();
}

async function zoneIdOf(client: ReturnType<typeof cloudflareClient>, name: string) {
  const [zone] = (await client.zones.list({ name })).result;
  if (!zone) throw new Error("the token sees no zone of that name");
  return zone.id;
}
