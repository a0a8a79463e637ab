/** All pauses of one request together, ms. A server that wants more is left to a later run. */
export const MAX_WAIT = 60_000;

/** `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3); undefined when absent or unreadable. */
export function retryTime(
  header: string | null | undefined,
  now: number = Date.now(),
): Date | undefined {
  if (!header) return undefined;
  const at = /^\s*\d+\s*$/.test(header) ? now + Number(header) * 1000 : Date.parse(header);
  // 8.64e15 ms is the last instant that a Date can hold.
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? new Date(Math.max(at, now)) : undefined;
}
