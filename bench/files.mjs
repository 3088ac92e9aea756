// Which files of a directory go into a corpus, and in which order.
import { createHash } from "node:crypto";
import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";

/** @import { TarEntry } from "./tar.mjs" */

/**
 * A file that may go into a tar.
 *
 * @typedef {object} Candidate
 * @property {string} name its name in the tar, with slashes
 * @property {string} path
 * @property {number} size in bytes
 * @property {boolean} executable
 */

/**
 * Every file under a directory, in the order of their names' UTF-16 units; links, special files
 * and files that may not be read are left out.
 *
 * @param {string} root
 * @param {string} name what the root is called in the tar
 * @param {(directory: string) => boolean} [enter] whether to look into a directory of this name
 * @returns {Candidate[]}
 */
export function filesBelow(root, name, enter = () => true) {
  return walk(root, name, enter).sort((a, b) => compareNames(a.name, b.name));
}

/**
 * @param {string} directory
 * @param {string} name
 * @param {(directory: string) => boolean} enter
 * @returns {Candidate[]}
 */
function walk(directory, name, enter) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((found) => {
    const path = join(directory, found.name);
    const inTar = posix.join(name, found.name);
    if (found.isDirectory()) return enter(found.name) ? walk(path, inTar, enter) : [];
    if (!found.isFile() || !isReadable(path)) return [];
    const { size, mode } = statSync(path);
    return [{ name: inTar, path, size, executable: (mode & 0o111) !== 0 }];
  });
}

/**
 * @param {string} path
 * @returns {boolean}
 */
function isReadable(path) {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A part of the files that is spread evenly over them and depends on nothing but their names and sizes:
 * they are taken in the order of the SHA-256 of their names, passing over each that no longer fits.
 *
 * @param {readonly Candidate[]} files
 * @param {number} budget in bytes
 * @returns {Candidate[]} in the order of their names
 */
export function sample(files, budget) {
  const shuffled = files
    .map((file) => ({ file, key: createHash("sha256").update(file.name).digest("hex") }))
    .sort((a, b) => compareNames(a.key, b.key));
  let left = budget;
  /** @type {Candidate[]} */
  const taken = [];
  for (const { file } of shuffled) {
    if (file.size > left) continue;
    left -= file.size;
    taken.push(file);
  }
  return taken.sort((a, b) => compareNames(a.name, b.name));
}

/**
 * @param {Iterable<Candidate>} files
 * @returns {AsyncGenerator<TarEntry>}
 */
export async function* contents(files) {
  for (const { name, path, executable } of files) yield { name, bytes: await readFile(path), executable };
}

/**
 * Compares by UTF-16 units, which unlike a locale's order is the same everywhere.
 *
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
function compareNames(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
