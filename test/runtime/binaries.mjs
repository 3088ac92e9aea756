/**
 * Where npm has put the programs of packages that ship one for each platform. Their installers link or move the right one into the
 * wrapper package, unless npm was told not to run install scripts; so both places are looked into, and the first that starts is taken.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * @param {string} root the project's directory
 * @param {string} wrapper the package that the project depends on, such as `"bun"`
 * @param {readonly string[]} places paths that the program may have within the wrapper or a platform's package; `.exe` may follow
 * @returns {string | undefined} a program that runs here
 */
export function findBinary(root, wrapper, places) {
  const modules = nearestModules(root, wrapper);
  if (modules === undefined) return undefined;
  const manifest = JSON.parse(readFileSync(join(modules, wrapper, "package.json"), "utf8"));
  const packages = [...Object.keys(manifest.optionalDependencies ?? {}), wrapper];
  return packages
    .flatMap((name) =>
      places.flatMap((place) => [place, `${place}.exe`].map((file) => join(modules, name, file))),
    )
    .filter((file) => existsSync(file))
    .find((file) => spawnSync(file, ["--version"], { stdio: "ignore", timeout: 20_000 }).status === 0);
}

/**
 * The `node_modules` that holds the package, in the directory or in one above it.
 *
 * @param {string} directory
 * @param {string} name
 * @returns {string | undefined}
 */
function nearestModules(directory, name) {
  const modules = join(directory, "node_modules");
  if (existsSync(join(modules, name, "package.json"))) return modules;
  const parent = dirname(directory);
  return parent === directory ? undefined : nearestModules(parent, name);
}
