import { newLayer } from "varve/stream";
import { ascii, concat } from "../fixtures/bytes.js";
import { ensure, equal, sameBytes } from "./assert.js";
import { readToEnd } from "./chunks.js";
import { gunzip, sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

const BLOCK = 512;
const ENTRIES = 1000;

/** The digest of the layer of these entries, at level 1 of the format varve-gzip/0; it changes with the golden table. */
const DIGEST = "792d5766094e37b5c0668cb25787d99b0f6ebc604eb063b45a6adea589edb599";

const nameOf = (entry: number): string => `directory/file-${entry}.txt`;
const contentOf = (entry: number): Uint8Array<ArrayBuffer> =>
  ascii(`content of ${entry}\n`.repeat(entry % 70));

/** A ustar header for a file of root's (POSIX.1-1988). */
function header(name: string, size: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const put = (offset: number, text: string): void => block.set(ascii(text), offset);
  put(0, name);
  put(100, "0000644\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, `${size.toString(8).padStart(11, "0")}\0`);
  put(136, "00000000000\0");
  put(148, "        ");
  put(156, "0");
  put(257, "ustar\0");
  put(263, "00");
  const sum = block.reduce((all, byte) => all + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** A file with its header, to the end of its last block. */
function entryOf(entry: number): Uint8Array<ArrayBuffer> {
  const content = contentOf(entry);
  return concat(
    header(nameOf(entry), content.length),
    content,
    new Uint8Array(-content.length & (BLOCK - 1)),
  );
}

/** Writes the tar, and waits for whoever reads it after each entry. */
async function produce(writable: WritableStream<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  for (let entry = 0; entry < ENTRIES; entry++) {
    await writer.write(entryOf(entry));
  }
  await writer.write(new Uint8Array(2 * BLOCK));
  await writer.close();
}

/** Reads the tar's names and contents, which must be those of all entries in their order. */
function checkEntries(tar: Uint8Array): void {
  let offset = 0;
  for (let entry = 0; entry < ENTRIES; entry++) {
    const expected = entryOf(entry);
    sameBytes(tar.subarray(offset, offset + expected.length), expected, nameOf(entry));
    offset += expected.length;
  }
  equal(tar.length, offset + 2 * BLOCK, "the length of the tar");
  ensure(
    tar.subarray(offset).every((byte) => byte === 0),
    "the tar does not end with empty blocks",
  );
}

/** A tar that comes to be while it is read. */
export const producedTar: Suite = (test) => {
  test("acceptance 4: a tar that is produced while it is read keeps its thousand entries, with one digest in every run and on every runtime", async () => {
    for (let run = 0; run < 2; run++) {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const layer = newLayer(readable);
      const [output] = await Promise.all([layer.compressed().then(readToEnd), produce(writable)]);
      const tar = await gunzip(output);
      checkEntries(tar);
      equal((await layer.diffID()).hex, await sha256Hex(tar), "the diffID");
      equal((await layer.digest()).hex, DIGEST, "the digest");
    }
  });
};
