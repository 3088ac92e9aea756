import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const lint = join(root, "node_modules/@biomejs/biome/bin/biome");

const upward: readonly [file: string, imported: string][] = [
  ["src/core/sha256.ts", "../v1/hash.js"],
  ["src/core/module/inline.ts", "../../v1/hash.js"],
  ["src/v1/hash.ts", "../stream/index.js"],
  ["src/v1/layer.ts", "../name/index.js"],
  ["src/stream/layer.ts", "../name/index.js"],
  ["src/stream/source/open.ts", "../../remote/index.js"],
  ["src/name/tag.ts", "../registry/index.js"],
  ["src/authn/keychain.ts", "../name/index.js"],
  ["src/authn/config-keychain.ts", "node:fs"],
  ["src/stream/spooled.ts", "../zstd/index.js"],
  ["src/zstd/compression.ts", "../stream/index.js"],
  ["src/v1/media-type.ts", "../zstd/index.js"],
  ["src/remote/upload/session.ts", "../../registry/index.js"],
  ["src/registry/blobs.ts", "../node/index.js"],
  ["src/registry/auth/guard.ts", "../../remote/index.js"],
  ["src/node/serve.ts", "../cli/main.js"],
  ["src/bytes/peek.ts", "../partial/index.js"],
  ["src/v1/image.ts", "../bytes/index.js"],
  ["src/tar/read.ts", "../partial/index.js"],
  ["src/partial/layer.ts", "../stream/index.js"],
  ["src/authn/basic.ts", "../name/index.js"],
  ["src/mutate/append.ts", "../layout/index.js"],
  ["src/empty/image.ts", "../random/index.js"],
  ["src/static/layer.ts", "../empty/index.js"],
  ["src/validate/image.ts", "../node/index.js"],
  ["src/name/parse.ts", "node:fs"],
  ["src/core/pool.ts", "node:worker_threads"],
  ["src/core/host/default.ts", "node:crypto"],
  ["src/core/thread/thread-pool.ts", "node:worker_threads"],
];

const downward: readonly [file: string, imported: string][] = [
  ["src/v1/compression.ts", "../core/index.js"],
  ["src/stream/source/bytes.ts", "../chunk.js"],
  ["src/stream/run.ts", "../v1/index.js"],
  ["src/zstd/level.ts", "../v1/index.js"],
  ["src/remote/auth/ping.ts", "../../name/index.js"],
  ["src/bytes/verify.ts", "../v1/index.js"],
  ["src/tar/write.ts", "../bytes/index.js"],
  ["src/mutate/extract.ts", "../tar/index.js"],
  ["src/mutate/rebase.ts", "../empty/index.js"],
  ["src/remote/write/write.ts", "../../partial/index.js"],
  ["src/layout/path.ts", "../match/index.js"],
  ["src/node/listen.ts", "../registry/index.js"],
  ["src/node/files.ts", "node:fs"],
  ["src/authn/source.ts", "../v1/quote.js"],
  ["src/node/authn/default-keychain.ts", "../../authn/index.js"],
  ["src/core/host/node.ts", "node:worker_threads"],
  ["src/cli/main.ts", "../node/index.js"],
];

describe("the floors of the house", () => {
  let directory: string;
  let complaints: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "varve-floors-"));
    cpSync(join(root, "biome.json"), join(directory, "biome.json"));
    symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
    for (const [file, imported] of [...upward, ...downward]) {
      mkdirSync(join(directory, dirname(file)), { recursive: true });
      writeFileSync(
        join(directory, file),
        `import { x } from "${imported}";\n\nexport const y: number = x;\n`,
      );
    }
    const run = spawnSync(process.execPath, [lint, "lint", "--max-diagnostics=200", "--reporter=github"], {
      cwd: directory,
      encoding: "utf8",
    });
    complaints = run.stdout;
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.each(upward)("the linter refuses %s importing %s", (file) => {
    expect(complaints).toMatch(
      new RegExp(`(noRestrictedImports|noNodejsModules),file=[^,]*/?${file.replaceAll(".", "\\.")},`),
    );
  });

  it.each(downward)("the linter lets %s import %s", (file) => {
    expect(complaints).not.toContain(file);
  });
});
