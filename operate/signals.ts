/** Ends what is running cleanly on Ctrl-C, SIGTERM and SIGHUP. */
export function untilSignalled(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => controller.abort(new Error(`ended by ${signal}`)));
  return controller.signal;
}
