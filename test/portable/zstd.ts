import { init, toHex } from "varve/core";
import { newLayer } from "varve/stream";
import { detectCompression, ociLayerZStd } from "varve/v1";
import { loadEncoder, Unzstd, unzstd, ZstdEncoderError, ZstdError, zstd } from "varve/zstd";
import { concat, mixed } from "../fixtures/bytes.js";
import { decode, frame, rawBlock, rleBlock, skippable } from "../fixtures/zstd.js";
import { sample, sampleContent } from "../fixtures/zstd-sample.js";
import { ensure, equal, refuses, sameBytes } from "./assert.js";
import { pieces, readToEnd } from "./chunks.js";
import { sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

/** What release 0.0.27 of the encoder makes of the input at level 3: the same on every runtime. */
const WRITTEN = "74df8914de76e61dc704b58c183659724568d0722755939ce2ac292980ce1c82";

function input(): Uint8Array<ArrayBuffer> {
  return mixed(5_000_000, 1);
}

/** zstd, read on every runtime, and written where WebAssembly can be compiled. */
export const zstandard: Suite = (test) => {
  test("zstd is read: codes, tables, checksum, several frames, in any pieces", () => {
    sameBytes(unzstd(sample), sampleContent);
    const stream = concat(
      skippable(sample),
      sample,
      frame({ windowDescriptor: 13 << 3 }, rleBlock(7, 9, false), rawBlock(sample)),
    );
    const expected = concat(sampleContent, new Uint8Array(9).fill(7), sample);
    for (const longest of [1, 100, 100_000]) {
      const { content, error } = decode(new Unzstd(), pieces(stream, longest));
      equal(error, undefined, "the error");
      sameBytes(content, expected);
    }
    equal(detectCompression(stream), "zstd");
  });

  test("zstd that is damaged, truncated or not zstd is refused", async () => {
    for (let length = 0; length < sample.length; length += 13) {
      await refuses(() => unzstd(sample.subarray(0, length)).length, ZstdError);
    }
    for (let at = 0; at < sample.length; at++) {
      const damaged = sample.slice();
      damaged[at]! ^= 0x10;
      const { content, error } = decode(new Unzstd(), [damaged]);
      if (error === undefined) sameBytes(content, sampleContent);
      else ensure(error instanceof ZstdError, `byte ${at}: ${error}`);
    }
    const error = await refuses(() => unzstd(sampleContent).length, ZstdError);
    equal(error.reason, "bad-header");
    equal(error.offset, 0);
  });

  test("the reading machine hashes both sides", async () => {
    await init();
    const machine = zstd.newReadingMachine?.();
    ensure(machine !== undefined, "zstd cannot be read");
    const { content } = decode(machine, pieces(sample, 100));
    sameBytes(content, sampleContent);
    const { digest, diffID, size, uncompressedSize } = machine.result();
    equal(toHex(digest), await sha256Hex(sample));
    equal(toHex(diffID), await sha256Hex(sampleContent));
    equal(size, sample.length);
    equal(uncompressedSize, sampleContent.length);
  });

  test("zstd is written with the same bytes everywhere, or refused where WebAssembly cannot be compiled", async () => {
    const layer = newLayer(pieces(input(), 300_000), { compression: "zstd" });
    equal(await layer.mediaType(), ociLayerZStd);
    if (globalThis.navigator?.userAgent === "Cloudflare-Workers") {
      const error = await refuses(() => layer.compressed(), ZstdEncoderError);
      ensure(error.message.includes("Cloudflare Workers"), `it says: ${error.message}`);
      return;
    }
    await loadEncoder();
    const output = await readToEnd(await layer.compressed());
    sameBytes(unzstd(output), input());
    equal(String(await layer.digest()), `sha256:${await sha256Hex(output)}`);
    equal(String(await layer.diffID()), `sha256:${await sha256Hex(input())}`);
    equal((await layer.digest()).hex, WRITTEN);
  });
};
