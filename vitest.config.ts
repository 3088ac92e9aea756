import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/runtime/**", "test/interop/**"],
    // As many as there are cores: one is left idle otherwise, which on two of them is half of the machine.
    maxWorkers: "100%",
    setupFiles: ["test/setup.ts"],
    testTimeout: 60_000,
  },
});
