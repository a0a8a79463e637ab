/**
 * Under `--continue-on-error` the SDK rejects every output that needs a failed resource, and prints each rejection as
 * an unhandled exception with a stack trace. The engine has said by then what failed and why, and fails the run.
 */
const ECHO = /resource \S+ \[\S+\] failed to register$/;

/** From now on such rejections are dropped; all others go to the listeners that there are. */
export function dropEchoes(target: NodeJS.EventEmitter = process): void {
  const listeners = target.listeners("unhandledRejection");
  target.removeAllListeners("unhandledRejection");
  target.on("unhandledRejection", (error: unknown, promise: unknown) => {
    if (error instanceof Error && ECHO.test(error.message)) return;
    for (const listener of listeners) listener.call(target, error, promise);
  });
}
