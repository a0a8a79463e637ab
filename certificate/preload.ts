/**
 * Loads what issuing needs, about a third of a second, while this process has nothing else to do: when a new
 * account or certificate is announced, one will be issued here soon.
 */
export function preloadIssue(): void {
  import("./issue.ts").catch(() => {
    // Met again, and reported, where it is awaited.
  });
}
