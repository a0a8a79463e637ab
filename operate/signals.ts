/**
 * Ends what is running cleanly on Ctrl-C, SIGTERM and SIGHUP; a second Ctrl-C ends it at once. The listeners stay:
 * one that is gone while the signal is still being told looks to others as if nobody handled it.
 */
export function untilSignalled(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      // Only Ctrl-C is pressed twice: npm and the terminal may both pass on the others.
      if (signal === "SIGINT" && controller.signal.aborted) process.exit(130);
      controller.abort(new Error(`ended by ${signal}`));
    });
  return controller.signal;
}
