/**
 * Loads what issuing needs, about a third of a second, while this process has nothing else to do: when a new
 * account or certificate is announced, one will be issued here soon.
 *
 * @returns when it is loaded, or could not be: that is met again, and reported, where it is awaited
 */
export async function preloadIssue(): Promise<void> {
  await import("./issue.ts").catch(() => {});
}
