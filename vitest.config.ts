import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          // Processes, not threads: a test may send signals, open SO_REUSEPORT sockets and start workers of its own.
          pool: 'forks',
          // No module holds state (test/architecture.test.ts), so files may share a process: six times faster.
          isolate: false,
          testTimeout: 30_000,
          hookTimeout: 10_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['integration/**/*.test.ts'],
          pool: 'forks',
          // Each file starts servers and builds of its own: one at a time, in a process of its own.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.d.ts'],
      reporter: ['text-summary', 'text', 'html', 'json-summary'],
      reportOnFailure: true,
    },
  },
});
