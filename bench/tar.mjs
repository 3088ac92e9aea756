// Tars that are the same whoever makes them: entries in the order given, no times, no owners.
import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { pack } from "tar-stream";

/**
 * A file in a tar.
 *
 * @typedef {object} TarEntry
 * @property {string} name
 * @property {Uint8Array} bytes
 * @property {boolean} [executable]
 */

/**
 * A written file.
 *
 * @typedef {object} Written
 * @property {number} size in bytes
 * @property {string} sha256 in hex
 */

/**
 * @param {Iterable<TarEntry> | AsyncIterable<TarEntry>} entries taken one at a time
 * @returns {AsyncGenerator<Uint8Array>} the tar, in pieces
 */
export async function* tar(entries) {
  const stream = pack();
  const feeding = feed(stream, entries).catch((error) => stream.destroy(error));
  for await (const piece of stream) yield/** @type {Uint8Array} */ (piece);
  await feeding;
}

/**
 * @param {import("tar-stream").Pack} stream
 * @param {Iterable<TarEntry> | AsyncIterable<TarEntry>} entries
 */
async function feed(stream, entries) {
  for await (const { name, bytes, executable } of entries) {
    const header = {
      name,
      size: bytes.length,
      mode: executable ? 0o755 : 0o644,
      mtime: new Date(0),
      uid: 0,
      gid: 0,
      uname: "",
      gname: "",
    };
    await new Promise((resolve, reject) => {
      const sink = stream.entry(header, (error) => (error ? reject(error) : resolve(undefined)));
      sink.end(bytes);
    });
  }
  stream.finalize();
}

/**
 * Writes a file under another name first, so that a file of the right name is always whole.
 *
 * @param {string} path
 * @param {Iterable<Uint8Array> | AsyncIterable<Uint8Array>} pieces
 * @returns {Promise<Written>}
 */
export async function writeWhole(path, pieces) {
  const partial = `${path}.partial`;
  const hash = createHash("sha256");
  let size = 0;
  try {
    const file = await open(partial, "w");
    try {
      for await (const piece of pieces) {
        hash.update(piece);
        size += piece.length;
        await file.writeFile(piece);
      }
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return { size, sha256: hash.digest("hex") };
}
