import { describe, expect, it } from "vitest";
import { canonical, extract, time } from "../../src/mutate/index.js";
import { TarError } from "../../src/tar/index.js";
import { type Image, ReadAbortedError } from "../../src/v1/index.js";
import { ascii, concat } from "../fixtures/bytes.js";
import { end, entry, padded, pax, record } from "../tar/fixture/archive.js";
import { imageOf, MemoryLayer, readBytes } from "./fixture/images.js";
import { listTar } from "./fixture/unpack.js";

/** An image whose layer of 3 KiB has a file of so many zeros. */
function imageOfZeros(size: number): Image {
  const records = [
    ["major", "1"],
    ["minor", "0"],
    ["name", "zeros"],
    ["realsize", String(size)],
  ] as const;
  const sparse = pax(records.map(([keyword, value]) => record(`GNU.sparse.${keyword}`, value)).join(""));
  return imageOf([new MemoryLayer(concat(sparse, entry({}, padded(ascii("0\n"))), end))]);
}

async function layerOf(image: Image): Promise<Uint8Array> {
  return readBytes(await (await image.layers())[0]!.uncompressed());
}

describe("a layer with a sparse file", () => {
  it.each<[string, (image: Image, options?: { maxSparseBytes: number }) => Promise<Uint8Array>]>([
    ["extract", (image, options) => readBytes(extract(image, options))],
    ["time", (image, options) => layerOf(time(image, "2020-05-06T12:00:00Z", options))],
    ["canonical", (image, options) => layerOf(canonical(image, options))],
  ])("is taken by %s as a whole, up to a limit", async (_, read) => {
    const image = imageOfZeros(5000);
    expect(await listTar(await read(image))).toMatchObject([{ name: "zeros" }]);
    expect(await listTar(await read(image, { maxSparseBytes: 5000 }))).toHaveLength(1);
    await expect(read(image, { maxSparseBytes: 4999 })).rejects.toThrow(TarError);
    await expect(read(image, { maxSparseBytes: 4999 })).rejects.toThrow(/maxSparseBytes/);
    await expect(read(imageOfZeros(2 ** 45))).rejects.toThrow(TarError);
  });

  it("hears that extracting it is aborted, however many zeros there are", async () => {
    const controller = new AbortController();
    const stream = extract(imageOfZeros(2 ** 36), { signal: controller.signal });
    const reader = stream.getReader();
    await reader.read();
    setImmediate(() => controller.abort());
    let read = 0;
    const reading = (async () => {
      while (read < 2 ** 30) read += (await reader.read()).value?.length ?? 0;
      await reader.cancel();
    })();
    await expect(reading).rejects.toThrow(ReadAbortedError);
  });
});
