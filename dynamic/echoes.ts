/**
 * Under `--continue-on-error` the SDK rejects every output that needs a failed resource, and prints each rejection as
 * an unhandled exception with a stack trace. The engine has said by then what failed and why, and fails the run.
 */
const ECHO = /resource \S+ \[\S+\] failed to register$/;

/**
 * The exit code by which the SDK's program tells its host that it failed, and has said why (`cmd/run/index.js`). Ending
 * well means that all is registered that is wanted: the engine would delete what waits for the failed resource, and was
 * never asked for in this run, such as the Service and the load balancer of an endpoint that serves.
 */
const FAILED_AND_SAID = 32;

/** From now on such rejections are dropped, and fail the program in silence; all others go to the listeners there are. */
export function dropEchoes(
  target: NodeJS.EventEmitter & Pick<NodeJS.Process, "exitCode"> = process,
): void {
  const listeners = target.listeners("unhandledRejection");
  target.removeAllListeners("unhandledRejection");
  target.on("unhandledRejection", (error: unknown, promise: unknown) => {
    if (error instanceof Error && ECHO.test(error.message)) target.exitCode = FAILED_AND_SAID;
    else for (const listener of listeners) listener.call(target, error, promise);
  });
}
