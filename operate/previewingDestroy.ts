import type { StackRunner } from "./stackRunner.ts";

/**
 * A runner whose `destroy` looks first whether everything may be deleted, as `pulumi destroy` does with its preview.
 * An engine by itself finds out at the protected resource, when what depends on it is gone.
 */
export function previewingDestroy(runner: StackRunner): StackRunner {
  return {
    ...runner,
    async destroy(options) {
      if (!options?.dryRun) {
        const { onEvent: _, ...quietly } = options ?? {};
        const preview = await runner.destroy({ ...quietly, dryRun: true });
        if (!preview.ok) return preview;
      }
      return await runner.destroy(options);
    },
  };
}
