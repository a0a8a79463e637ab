import type { RunOptions, RunResult, StackRunner } from "./stackRunner.ts";

/**
 * A runner that looks first whether all may be deleted that would be, as `pulumi up` and `pulumi destroy` do with their
 * previews, which the Automation API leaves out. An engine by itself finds out at the protected resource, when the
 * Service, the certificate and the records of the same endpoint are gone.
 */
export function previewing(runner: StackRunner): StackRunner {
  const after = async (
    preview: (quietly: RunOptions) => Promise<RunResult>,
    run: (options?: RunOptions) => Promise<RunResult>,
    options: RunOptions = {},
  ) => {
    const { onEvent, ...quietly } = options;
    const previewed = await preview(quietly);
    return previewed.ok ? await run(options) : refused(previewed, onEvent);
  };
  return {
    ...runner,
    destroy: (options) =>
      options?.dryRun
        ? runner.destroy(options)
        : after((quietly) => runner.destroy({ ...quietly, dryRun: true }), runner.destroy, options),
    up: async (options) =>
      (await hasProtected(runner)) ? after(runner.preview, runner.up, options) : runner.up(options),
  };
}

const PROTECTED =
  "Nothing was changed. To let go of what is protected, set private-lb:protect to never, run `up`, and then this again";

/** What a preview found that may not be is told as of the run; what it would have done is not, since nothing was. */
function refused(previewed: RunResult, onEvent: RunOptions["onEvent"]): RunResult {
  const diagnostics = [...previewed.diagnostics];
  if (previewed.errors.some((text) => /\bprotect(ed|ion)\b/.test(text)))
    diagnostics.push({ severity: "info", message: PROTECTED });
  for (const diagnostic of diagnostics) onEvent?.({ kind: "diagnostic", ...diagnostic });
  const steps = previewed.steps.filter(({ ok }) => !ok);
  for (const step of steps) onEvent?.({ kind: "step-finished", ...step });
  onEvent?.({ kind: "summary", changes: {} });
  return { ...previewed, summary: {}, steps, diagnostics };
}

async function hasProtected(runner: StackRunner): Promise<boolean> {
  const { deployment } = await runner.exportState();
  const { resources } = (deployment ?? {}) as { resources?: { protect?: boolean }[] };
  return resources?.some(({ protect }) => protect) ?? false;
}
