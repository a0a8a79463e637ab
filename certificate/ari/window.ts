/** The window in which the authority asks for a renewal (RFC 9773, sections 4.1 and 4.2): pure. */
import { isObject } from "../acme/problem.ts";
import type { Validity } from "../renewal.ts";

/** ISO 8601, both. */
export interface Span {
  start: string;
  end: string;
}

export interface SuggestedWindow extends Span {
  explanationUrl?: string;
}

/** A window with the time chosen in it, once: asking again must not draw again. */
export interface ChosenWindow extends SuggestedWindow {
  /** ISO 8601. */
  at: string;
  /** When this window was first seen, ISO 8601. */
  seen: string;
}

/** @throws Error when it is none, as of an end that is not after the start (section 4.1). */
export function parseWindow(data: unknown): SuggestedWindow {
  const window = isObject(data) ? data["suggestedWindow"] : undefined;
  const [start, end] = [dateOf(window, "start"), dateOf(window, "end")];
  if (!start || !end) throw new Error("it holds no suggestedWindow of two dates");
  const span = { start: start.toISOString(), end: end.toISOString() };
  if (end <= start) throw new Error(`its window ends at ${span.end}, not after its start`);
  const url = isObject(data) ? data["explanationURL"] : undefined;
  const isLink = typeof url === "string" && /^https?:\/\/\S+$/.test(url);
  return isLink ? { ...span, explanationUrl: url } : span;
}

/**
 * How a window contradicts the certificate; undefined when it does not. A window before the certificate's own
 * time means "at once", but only once: the certificate that was issued for that is not replaced again.
 *
 * @param renewedFor the window for which this certificate was issued
 */
export function contradiction(
  { start, end }: Span,
  { notBefore, notAfter }: Validity,
  renewedFor?: Span,
): string | undefined {
  if (Date.parse(start) >= notAfter.getTime())
    return `its window begins at ${start}, when the certificate has ended`;
  if (!renewedFor) return undefined;
  if (sameSpan({ start, end }, renewedFor))
    return "its window is the one for which this certificate was issued";
  if (Date.parse(end) <= notBefore.getTime())
    return `its window ended at ${end}, before the certificate was issued`;
  return undefined;
}

/**
 * The window with a time in it, evenly drawn up to the certificate's end; the time of `known` where that is the
 * same window.
 *
 * @param random from 0 up to 1, excluded
 */
export function chooseTime(
  window: SuggestedWindow,
  { notAfter }: Validity,
  now: Date,
  { known, random = Math.random }: { known?: ChosenWindow | undefined; random?: () => number } = {},
): ChosenWindow {
  if (known && sameSpan(known, window)) {
    const { explanationUrl: _old, ...rest } = known;
    return { ...rest, ...window };
  }
  const start = Date.parse(window.start);
  const end = Math.min(Date.parse(window.end), notAfter.getTime());
  const at = new Date(start + Math.floor(random() * (end - start)));
  return { ...window, at: at.toISOString(), seen: now.toISOString() };
}

function sameSpan(a: Span, b: Span): boolean {
  return a.start === b.start && a.end === b.end;
}

function dateOf(window: unknown, key: string): Date | undefined {
  const text = isObject(window) ? window[key] : undefined;
  const date = new Date(typeof text === "string" ? text : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
