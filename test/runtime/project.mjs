/**
 * A project that uses varve as its users do: the packed tarball, unpacked into `node_modules`, so that the package's `exports` and
 * `imports` are what resolves it. The suites are compiled with `varve` left as an import, or bundled under a runtime's own conditions.
 */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { run } from "./process.mjs";

/**
 * Packs the project at the root, as it is built, and unpacks it into a new project in the directory.
 *
 * @param {string} root
 * @param {string} directory
 * @param {AbortSignal} signal
 */
export async function installPacked(root, directory, signal) {
  const words = ["pack", "--silent", "--ignore-scripts", "--pack-destination", directory];
  // Under `npm run` npm says which module it is, which can be run where `npm` itself is a shell script.
  const { npm_execpath: npm } = process.env;
  const packed = npm?.endsWith(".js")
    ? await run(process.execPath, [npm, ...words], { cwd: root, signal })
    : await run("npm", words, { cwd: root, signal });
  const tarball = packed.trim();
  const target = join(directory, "node_modules", "varve");
  mkdirSync(target, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"], { cwd: directory, signal });
  // The dependency and the optional peer dependency, as they are installed here.
  for (const name of ["undici", ENCODER]) {
    cpSync(join(root, "node_modules", name), join(directory, "node_modules", name), { recursive: true });
  }
  const manifest = { private: true, type: "module", dependencies: { varve: `file:${tarball}` } };
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
}

/** What zstd is compressed with. */
const ENCODER = "@bokuweb/zstd-wasm";

/** @satisfies {import("esbuild").BuildOptions} */
const common = /** @type {const} */ ({
  bundle: true,
  format: "esm",
  target: "es2022",
  logLevel: "silent",
  legalComments: "none",
});

/**
 * Compiles a runner's entry into the project, leaving the imports of varve and of Node for the runtime to resolve.
 *
 * @param {string} entry
 * @param {string} project
 * @param {string} name
 * @returns the file that was made
 */
export async function compile(entry, project, name) {
  const outfile = join(project, name);
  await build({
    ...common,
    entryPoints: [entry],
    outfile,
    platform: "neutral",
    external: ["varve", "varve/*", "node:*"],
  });
  return outfile;
}

/**
 * Bundles an entry with varve as the project at hand resolves it under the conditions. `.wasm` files that it imports are put beside it.
 *
 * @param {string} entry
 * @param {string} project
 * @param {string} name
 * @param {string[]} conditions
 * @returns the names of those files
 */
export async function bundle(entry, project, name, conditions) {
  const { metafile } = await build({
    ...common,
    entryPoints: { [name]: entry },
    absWorkingDir: project,
    outdir: project,
    platform: "neutral",
    conditions,
    plugins: [resolveFromProject(project)],
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    // It has a variant for browsers and one for Node, and none for Workers.
    external: conditions.includes("browser") ? [] : [ENCODER],
    metafile: true,
  });
  const inputs = Object.keys(metafile.inputs);
  const stray = inputs.find((input) => /\b(dist|src)\//.test(input) && !input.startsWith("node_modules/"));
  if (stray !== undefined) throw new Error(`the bundle took ${stray}, which is not in the installed package`);
  return Object.keys(metafile.outputs).filter((output) => output.endsWith(".wasm"));
}

/**
 * The suites lie in varve's own source tree, where `varve` would mean that tree; here it means the installed package.
 *
 * @param {string} project
 * @returns {import("esbuild").Plugin}
 */
function resolveFromProject(project) {
  return {
    name: "varve from the project",
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^varve(\/|$)/ }, ({ path, kind, pluginData }) =>
        pluginData === project
          ? undefined
          : resolve(path, { kind, resolveDir: project, pluginData: project }),
      );
    },
  };
}
