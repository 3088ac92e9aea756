/**
 * `npm run demo`: streams a tar of real files through the WebAssembly core into a registry, in one pass, and has what arrived there checked by
 * code that is not varve's: node:crypto and node:zlib. Needs no network; ends with exit code 1 if anything differs.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import tar from "tar-stream";
import { name, remote, stream } from "varve";
import { serveRegistry } from "varve/node";

const PACKAGES = ["typescript", "assemblyscript"];

const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort());
const { signal } = interruption;

const files = (await Promise.all(PACKAGES.map(filesOf))).flat();
const registry = await serveRegistry({ address: "127.0.0.1:0" });
try {
  const repository = name.newRepository(`${registry.url.slice("http://".length)}/demo`);
  const layer = stream.newLayer(tarOf(files));
  const began = performance.now();
  await remote.writeLayer(repository, layer, { signal });
  const seconds = (performance.now() - began) / 1000;

  const claimed = await layer.result;
  const found = await pull(`${registry.url}/v2/demo/blobs/${claimed.digest}`);
  const checks = [
    ["digest", String(claimed.digest), found.digest, "node:crypto"],
    ["diffID", String(claimed.diffID), found.diffID, "node:zlib and node:crypto"],
    ["size", `${claimed.size} bytes`, `${found.size} bytes`, "counting"],
    ["tar", `${claimed.uncompressedSize} bytes`, `${found.uncompressedSize} bytes`, "node:zlib and counting"],
  ];
  console.log(`A tar of ${files.length} files of ${PACKAGES.join(" and ")}, made while it was pushed\n`);
  print([
    ["in", megabytes(claimed.uncompressedSize)],
    ["out", megabytes(claimed.size)],
    ["ratio", (claimed.uncompressedSize / claimed.size).toFixed(2)],
    [
      "speed",
      `${(claimed.uncompressedSize / 1e6 / seconds).toFixed(0)} MB/s, with the tar and the registry made by the same process`,
    ],
  ]);
  console.log("\nPulled back, and checked by other code\n");
  print(
    checks.map(([what, claim, actual, judge]) => [
      what,
      claim,
      claim === actual ? `confirmed by ${judge}` : `WRONG: ${judge} gives ${actual}`,
    ]),
  );
  process.exitCode = checks.every(([, claim, actual]) => claim === actual) ? 0 : 1;
} catch (error) {
  if (!signal.aborted) {
    throw error;
  }
  process.exitCode = 130;
} finally {
  await registry.close();
}

/** The files of an installed package, in an order that is the same everywhere. */
async function filesOf(packageName) {
  const root = dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
  const found = [];
  for (const inside of (await readdir(root, { recursive: true })).sort()) {
    const path = join(root, inside);
    if ((await stat(path)).isFile()) {
      found.push({ path, name: `${packageName}/${inside}` });
    }
  }
  return found;
}

/** A tar that is made while it is read: a file is opened when what was before it has gone into the layer. */
function tarOf(sources) {
  const pack = tar.pack();
  const fill = async () => {
    for (const { path, name } of sources) {
      const content = await readFile(path);
      await new Promise((resolve, reject) => {
        pack.entry({ name, mtime: new Date(0) }, content, (error) => (error ? reject(error) : resolve()));
      });
    }
    pack.finalize();
  };
  fill().catch((error) => pack.destroy(error));
  return pack;
}

/** Pulls a blob, and works out with Node's own modules what a layer says of itself. */
async function pull(url) {
  const response = await fetch(url, { signal });
  if (!response.ok) {
    throw new Error(`GET ${url} answered ${response.status}`);
  }
  const [compressed, uncompressed] = [createHash("sha256"), createHash("sha256")];
  const counted = { size: 0, uncompressedSize: 0 };
  await pipeline(
    Readable.fromWeb(response.body),
    async function* (chunks) {
      for await (const chunk of chunks) {
        compressed.update(chunk);
        counted.size += chunk.length;
        yield chunk;
      }
    },
    createGunzip(),
    async (chunks) => {
      for await (const chunk of chunks) {
        uncompressed.update(chunk);
        counted.uncompressedSize += chunk.length;
      }
    },
  );
  return {
    ...counted,
    digest: `sha256:${compressed.digest("hex")}`,
    diffID: `sha256:${uncompressed.digest("hex")}`,
  };
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Prints rows in columns. */
function print(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column])).join("  ")}`.trimEnd());
  }
}
