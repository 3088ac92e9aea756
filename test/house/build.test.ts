import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

describe("the build", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "varve-build-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.each([
    ["core", "assembly/index.ts"],
    ["sha256", "assembly/sha256-module.ts"],
    ["sha512", "assembly/sha512.ts"],
  ])("gives the same bytes of %s.wasm when it is run again", (target, entry) => {
    const again = join(directory, `${target}.wasm`);
    const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");
    const run = spawnSync(process.execPath, [compiler, entry, "--target", target, "--outFile", again], {
      cwd: root,
      encoding: "utf8",
    });
    expect(run.status, run.stderr).toBe(0);
    expect(readFileSync(again).equals(readFileSync(join(root, `dist/${target}.wasm`)))).toBe(true);
  });

  it.each(["worker", "node-worker"])("makes one file of %s.js, which goes wherever a bundle goes", (name) => {
    const worker = readFileSync(join(root, `dist/core/host/${name}.js`), "utf8");
    const imported = [...worker.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]*)"/g)].map(([, module]) => module);
    expect(imported.filter((module) => !module?.startsWith("node:"))).toEqual([]);
    expect(worker).toContain("varve-thread/");
  });
});
