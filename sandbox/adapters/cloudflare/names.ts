/** Property names: `zone_id` in Cloudflare's API is `zoneId` in Pulumi. */
import type { Props } from "../../engine/provider.ts";
import { isObject } from "../values.ts";

export const camelCased = (value: Props): Props =>
  renamed(value, (key) => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));

export const snakeCased = (value: Props): Props =>
  renamed(value, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

function renamed(value: Props, rename: (key: string) => string): Props {
  const walk = (entry: unknown): unknown => {
    if (Array.isArray(entry)) return entry.map(walk);
    return isObject(entry) ? renamed(entry, rename) : entry;
  };
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [rename(key), walk(entry)]),
  );
}
