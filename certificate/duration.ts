/** Durations and shares as a configuration writes them. */

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `12h` or `21d` in ms; undefined for anything else, and for nothing at all (`0d`). */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit ?? ""] ?? Number.NaN);
  return ms > 0 ? ms : undefined;
}

/** `1/3` or `40%` as a number between 0 and 1, both excluded; undefined for anything else. */
export function parseShare(text: string): number | undefined {
  const [, part, whole] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const [, percent] = /^(\d{1,2}(?:\.\d{1,3})?)%$/.exec(text) ?? [];
  const share = percent === undefined ? Number(part) / Number(whole) : Number(percent) / 100;
  return share > 0 && share < 1 ? share : undefined;
}
