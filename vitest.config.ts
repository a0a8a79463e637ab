import { defineConfig } from "vitest/config";

// Each kind of test is a project of its own, so that `npm run test:quick` can leave the slow ones out.
type More = { isolate?: boolean; setupFiles?: string[] };
const project = (name: string, timeout: number, more: More = {}) => ({
  test: {
    ...more,
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeout,
    hookTimeout: timeout,
  },
  extends: true as const,
});

export default defineConfig({
  test: {
    // Node strips the types itself: what a test loads is what the program and the providers load, and
    // Pulumi can serialise an `import()`.
    experimental: { viteModuleRunner: false },
    // Much of what a test waits for is not the processor, so that one core less than there are would idle.
    maxWorkers: 2,
    // For what a busy machine does a little later: by itself a poll gives up after a second.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      // In one process: loading the modules anew for each file takes longer than the tests.
      project("unit", 20_000, { isolate: false, setupFiles: ["test/seed.ts"] }),
      project("components", 30_000),
      project("conformance", 120_000),
      project("lifecycle", 120_000),
      project("e2e", 300_000),
    ],
  },
});
