/** What the names of all endpoints can get wrong together. */
import { covers, shownName, zoneOf } from "../certificate/domain.ts";
import { collisions, type Draft, placedNames, type Rule } from "./drafts.ts";
import type { Fault } from "./faults.ts";
import { CHALLENGED_NAME_MAX } from "./naming.ts";
import type { Settings } from "./schema.ts";

/** Names that an ACME profile allows: https://letsencrypt.org/docs/profiles/ */
const NAMES_PER_PROFILE: Record<string, number> = { classic: 100, tlsserver: 25, shortlived: 25 };
const DEFAULT_PROFILE = "classic";

const limits = Object.entries(NAMES_PER_PROFILE).map(([profile, max]) => `${max} with ${profile}`);

export const nameRules: Rule[] = [
  { says: "A zone stands once in `dnsZones`.", faults: dnsZonesOnce },
  {
    says: "Every name, of `domain`, `aliases` and `alsoFrom[].domain`, lies in one of the `dnsZones`.",
    faults: namesInZones,
  },
  {
    says: "A name stands once in the whole stack, and under no wildcard of the stack.",
    faults: namesDoNotOverlap,
  },
  {
    says: `An endpoint has at most as many names as its ACME profile allows: ${limits.join(", ")}.`,
    faults: namesWithinProfile,
  },
  {
    says: `A name of a certificate by ACME has at most ${CHALLENGED_NAME_MAX} characters.`,
    faults: namesLeaveRoom,
  },
];

function dnsZonesOnce({ dnsZones = [] }: Partial<Settings>): Fault[] {
  const placed = dnsZones.map(({ name }, i) => ({ path: `dnsZones[${i}]`, key: name }));
  return collisions(placed, "must be named once", shownName);
}

function namesInZones({ dnsZones }: Partial<Settings>, drafts: Draft[]): Fault[] {
  if (!dnsZones) return [];
  const known = dnsZones.map((zone) => shownName(zone.name)).join(", ");
  const rule = `must lie in one of the zones ${known}`;
  return drafts
    .flatMap(placedNames)
    .filter(({ key }) => !zoneOf(key, dnsZones))
    .map(({ path, key }) => ({ path, rule, got: shownName(key) }));
}

function namesDoNotOverlap(_: Partial<Settings>, drafts: Draft[]): Fault[] {
  const placed = drafts.flatMap(placedNames);
  const covered = placed.flatMap(({ path, key }) =>
    placed
      .filter((other) => other.key !== key && covers(other.key, key))
      .map((other) => ({
        path,
        rule: `must not lie under a wildcard: ${other.path} is ${shownName(other.key)}`,
        got: shownName(key),
      })),
  );
  return [...collisions(placed, "must be a name of its own", shownName), ...covered];
}

function namesWithinProfile(_: Partial<Settings>, drafts: Draft[]): Fault[] {
  return drafts.filter(hasAcme).flatMap((draft) => {
    const { profile = DEFAULT_PROFILE } = draft.endpoint;
    const max = NAMES_PER_PROFILE[profile];
    const count = placedNames(draft).length;
    if (max === undefined || count <= max) return [];
    const rule = `must have at most ${max} names, by the ACME profile ${profile}`;
    return [{ path: draft.path, rule, got: String(count) }];
  });
}

function namesLeaveRoom(_: Partial<Settings>, drafts: Draft[]): Fault[] {
  const rule = `must have at most ${CHALLENGED_NAME_MAX} characters, as _acme-challenge. is to stand before it`;
  return drafts
    .filter(hasAcme)
    .flatMap(placedNames)
    .filter(({ key }) => key.replace(/^\*\./, "").length > CHALLENGED_NAME_MAX)
    .map(({ path, key }) => ({ path, rule, got: `${shownName(key)} (${key.length})` }));
}

/** Whether its certificate is got by ACME. */
function hasAcme({ endpoint: { tls, certificate } }: Draft): boolean {
  return tls !== "passthrough" && !certificate;
}
