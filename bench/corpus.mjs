// The standing corpora. packages.tar, zeros.bin and random.bin are the same on every machine (as long as
// package-lock.json pins the same packages); compressed.tar also depends on Node's zlib; system.tar is of
// the machine it is made on.
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { MIB } from "./chunks.mjs";
import { contents, filesBelow, sample } from "./files.mjs";
import { Random } from "./random.mjs";
import { progress } from "./report.mjs";
import { tar, writeWhole } from "./tar.mjs";

/** @import { Candidate } from "./files.mjs" */
/** @import { TarEntry, Written } from "./tar.mjs" */

/** The project's own directory, whose node_modules the packages come from. */
const project = fileURLToPath(new URL("..", import.meta.url));

/**
 * The packages of packages.tar: development dependencies, and theirs, that ship the same files to every
 * platform, most of them text.
 */
const PACKAGES = [
  "@biomejs/biome",
  "@noble/hashes",
  "@types/node",
  "@vitest/expect",
  "@vitest/mocker",
  "@vitest/runner",
  "@vitest/snapshot",
  "@vitest/utils",
  "assemblyscript",
  "binaryen",
  "chai",
  "commander",
  "es-module-lexer",
  "fast-check",
  "fflate",
  "hash-wasm",
  "magic-string",
  "pako",
  "playwright-core",
  "postcss",
  "pure-rand",
  "rolldown",
  "streamx",
  "tar-stream",
  "typescript",
  "vite",
  "vitest",
];

/**
 * Ten command line tools, each with the same WebAssembly engine inside: in packages.tar they would outweigh
 * all the rest.
 */
const BINARYEN_TOOLS = "node_modules/binaryen/bin/";

/** Files that are compressed already. */
const COMPRESSED_NAME = /\.(png|jpe?g|webp|woff2?|gz|br|zst|zip)$/;

/** Files of development packages, which no image has. */
const DEVELOPMENT_NAME = /\.(a|o|la)$/;

/** Where the system's libraries are: the first that exists. */
const LIBRARY_DIRECTORIES = [
  `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`,
  "/usr/lib64",
  "/usr/lib",
];

const SYSTEM_BYTES = 160e6;
const SYSTEM_LARGEST_FILE = 16 * MIB;
const COMPRESSED_BYTES = 32 * MIB;
const PLAIN_BYTES = 64 * MIB;
const SEED = 0x76617276;

/**
 * The corpora by file name, each made when it is asked for.
 *
 * @type {Readonly<Record<string, () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>>>}
 */
export const corpora = {
  "packages.tar": () => tar(contents(packageFiles().filter(({ name }) => !name.startsWith(BINARYEN_TOOLS)))),
  "system.tar": () => tar(contents(sample(systemFiles(), SYSTEM_BYTES))),
  "compressed.tar": () => tar(upTo(COMPRESSED_BYTES, compressedFiles(packageFiles()))),
  "zeros.bin": () => repeated(PLAIN_BYTES, (piece) => piece),
  "random.bin": () => {
    const random = new Random(SEED);
    return repeated(PLAIN_BYTES, (piece) => random.fill(piece));
  },
};

/**
 * Makes every corpus.
 *
 * @param {string} directory made if need be
 * @returns {Promise<({ name: string } & Written)[]>}
 */
export async function writeCorpora(directory) {
  await mkdir(directory, { recursive: true });
  const written = [];
  try {
    for (const [name, make] of Object.entries(corpora)) {
      progress(`corpus: ${name}`);
      written.push({ name, ...(await writeWhole(join(directory, name), make())) });
    }
  } finally {
    progress("");
  }
  return written;
}

/**
 * The files of the pinned packages.
 *
 * @returns {Candidate[]}
 * @throws {Error} when a package is missing, or is not the one that package-lock.json pins
 */
function packageFiles() {
  /** @type {{ packages: Record<string, { version?: string }> }} */
  const lock = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8"));
  return PACKAGES.flatMap((name) => {
    const inTar = `node_modules/${name}`;
    const directory = join(project, inTar);
    const pinned = lock.packages[inTar]?.version;
    const manifest = join(directory, "package.json");
    const installed = existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).version : "not there";
    if (pinned === undefined || installed !== pinned) {
      throw new Error(
        `${inTar} is ${installed}, but package-lock.json pins ${pinned ?? "none"}: run \`npm ci\``,
      );
    }
    const files = filesBelow(directory, inTar, (below) => below !== "node_modules");
    return files.map((file) => ({ ...file, executable: false }));
  });
}

/**
 * Programs and libraries of this machine, without single files so large that they would be most of the
 * corpus.
 *
 * @returns {Candidate[]}
 */
function systemFiles() {
  const libraries = LIBRARY_DIRECTORIES.filter((directory) => existsSync(directory)).slice(0, 1);
  return ["/usr/bin", ...libraries]
    .flatMap((root) => filesBelow(root, root.slice(1)))
    .filter(({ name, size }) => size <= SYSTEM_LARGEST_FILE && !DEVELOPMENT_NAME.test(name));
}

/**
 * What the packages hold that is compressed already, then each package as a .tgz, then the large tools that
 * packages.tar leaves out, each as a .gz.
 *
 * @param {readonly Candidate[]} files
 * @returns {AsyncGenerator<TarEntry>}
 */
async function* compressedFiles(files) {
  yield* contents(files.filter(({ name }) => COMPRESSED_NAME.test(name)));
  const [tools, others] = [files.filter(isTool), files.filter((file) => !isTool(file))];
  for (const name of PACKAGES) {
    const pieces = [];
    const own = others.filter((file) => file.name.startsWith(`node_modules/${name}/`));
    for await (const piece of tar(contents(own))) pieces.push(piece);
    yield { name: `${name}.tgz`, bytes: gzipSync(Buffer.concat(pieces), { level: 9 }) };
  }
  for await (const { name, bytes } of contents(tools)) {
    yield { name: `${name}.gz`, bytes: gzipSync(bytes, { level: 9 }) };
  }
}

/**
 * @param {Candidate} file
 * @returns {boolean}
 */
function isTool({ name }) {
  return name.startsWith(BINARYEN_TOOLS);
}

/**
 * Entries until the next one would pass the budget.
 *
 * @param {number} budget in bytes
 * @param {AsyncIterable<TarEntry>} entries
 * @returns {AsyncGenerator<TarEntry>}
 */
async function* upTo(budget, entries) {
  let left = budget;
  for await (const entry of entries) {
    left -= entry.bytes.length;
    if (left < 0) return;
    yield entry;
  }
}

/**
 * @param {number} bytes a multiple of 1 MiB
 * @param {(piece: Uint8Array) => Uint8Array} fill makes the next piece in the same buffer
 * @returns {Generator<Uint8Array>}
 */
function* repeated(bytes, fill) {
  const piece = new Uint8Array(MIB);
  for (let made = 0; made < bytes; made += MIB) yield fill(piece);
}
