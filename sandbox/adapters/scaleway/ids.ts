/** Ids as the Scaleway plugin writes them: `fr-par-1/<uuid>` with a zone, `fr-par/<uuid>` with a region. */
import { bareId } from "../../../frontend/bareId.ts";

export interface LocalId {
  /** Zone or region. */
  locality: string;
  id: string;
}

/** @throws Error when the id does not say where it lies: the plugin refuses a bare one here. */
export function parseId(id: string): LocalId {
  const [locality, bare, ...more] = id.split("/");
  if (!locality || !bare || more.length > 0) {
    throw new Error(`${JSON.stringify(id)} is no localized id: <zone or region>/<id> is needed`);
  }
  return { locality, id: bare };
}

export const localId = (locality: string, id: string): string => `${locality}/${id}`;

/** Terraform's suppression of a difference in nothing but the zone or region. */
export const sameBareId = (before: unknown, after: unknown): boolean =>
  bareId(String(before ?? "")) === bareId(String(after ?? ""));

/** The plugin takes a locality that is set on one side only for no difference. */
export const sameWhereBothSay = (before: unknown, after: unknown): boolean =>
  !before || !after || before === after;

/** Refuses an id that lies elsewhere than its resource. */
export function requireLocality(property: string, id: unknown, zone: string): void {
  if (typeof id !== "string" || id.split("/").length !== 2) return;
  const { locality } = parseId(id);
  if (!zone.startsWith(locality) && !locality.startsWith(zone)) {
    throw new Error(`given ${property} ${id} has different locality than the resource "${zone}"`);
  }
}
