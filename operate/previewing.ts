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
    const { onEvent: _, ...quietly } = options;
    const previewed = await preview(quietly);
    return previewed.ok ? await run(options) : previewed;
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

async function hasProtected(runner: StackRunner): Promise<boolean> {
  const { deployment } = await runner.exportState();
  const { resources } = (deployment ?? {}) as { resources?: { protect?: boolean }[] };
  return resources?.some(({ protect }) => protect) ?? false;
}
