/**
 * Builds the package into dist/: `node build.mjs`, or `npm run build`.
 *
 *   asc      assembly/          dist/core.wasm, dist/sha256.wasm, dist/sha512.wasm
 *   tsc      src/               one module and one declaration for each source file
 *   esbuild  the inlined entry  dist/core/module/inline.js, with the modules as text
 *   esbuild  the workers        dist/core/host/worker.js and node-worker.js, one file each, which may be moved and served alone
 *   esbuild  the command        dist/varve.js, one file
 */
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Runs a compiler of this project's own, and stops when it fails. */
function run(script, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`node_modules/${script}`, ...args], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) {
    process.stderr.write(stdout + stderr);
    process.exit(status ?? 1);
  }
}

rmSync(`${root}dist`, { recursive: true, force: true });
run("assemblyscript/bin/asc.js", "assembly/index.ts", "--target", "core");
run("assemblyscript/bin/asc.js", "assembly/sha256-module.ts", "--target", "sha256");
run("assemblyscript/bin/asc.js", "assembly/sha512.ts", "--target", "sha512");
run("typescript/bin/tsc", "--project", "tsconfig.json");

await build({
  absWorkingDir: root,
  entryPoints: ["dist/core/module/inline.js"],
  outfile: "dist/core/module/inline.js",
  allowOverwrite: true,
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  loader: { ".wasm": "base64" },
});

await build({
  absWorkingDir: root,
  entryPoints: ["dist/core/host/worker.js", "dist/core/host/node-worker.js"],
  outdir: "dist/core/host",
  allowOverwrite: true,
  bundle: true,
  format: "esm",
  platform: "neutral",
  external: ["node:*"],
  target: "es2022",
});

/** What is bundled brings its licences along; as it is CommonJS, it looks for a require. */
const licences = ["commander", "undici"].map((name) => {
  const text = readFileSync(`${root}node_modules/${name}/LICENSE`, "utf8");
  return `/*! ${name} is part of this file:\n\n${text}*/\n`;
});
const requireInModules =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

await build({
  absWorkingDir: root,
  entryPoints: ["dist/cli/main.js"],
  outfile: "dist/varve.js",
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  banner: { js: `${licences.join("")}${requireInModules}` },
});
chmodSync(`${root}dist/varve.js`, 0o755);
