import { fromCompressed, memorySpool, newLayer, type Spool, SpoolError } from "varve/stream";
import { ConsumedError } from "varve/v1";
import { mixed } from "../fixtures/bytes.js";
import { sample, sampleContent } from "../fixtures/zstd-sample.js";
import { equal, refuses, sameBytes } from "./assert.js";
import { pieces, readToEnd } from "./chunks.js";
import type { Suite } from "./runner.js";

/** Layers that can be read again. */
export const spooling: Suite = (test) => {
  test("a layer with a spool is read again, compressed and uncompressed, until it is closed", async () => {
    const input = mixed(900_000, 4);
    const layer = newLayer(pieces(input, 50_000), { spool: memorySpool() });
    const output = await readToEnd(await layer.compressed());
    sameBytes(await readToEnd(await layer.uncompressed()), input);
    sameBytes(await readToEnd(await layer.compressed()), output);
    const digest = String(await layer.digest());
    await layer.close();
    equal(String(await layer.digest()), digest);
    await refuses(() => layer.uncompressed(), SpoolError);
  });

  test("a layer with a spool may be read uncompressed first", async () => {
    const layer = fromCompressed(sample, { spool: memorySpool() });
    const stream = await layer.uncompressed();
    await refuses(() => layer.compressed(), ConsumedError);
    sameBytes(await readToEnd(stream), sampleContent);
    sameBytes(await readToEnd(await layer.compressed()), sample);
  });

  test("a spool that is full fails the layer, and one that gives other bytes is found out", async () => {
    const input = mixed(300_000, 5);
    const small = newLayer(input, { spool: memorySpool({ maxBytes: 1000 }) });
    await refuses(async () => readToEnd(await small.compressed()), SpoolError);

    const kept = memorySpool();
    const liar: Spool = {
      write: (bytes) => kept.write(bytes),
      read: () => input,
      remove: () => kept.remove(),
    };
    const layer = newLayer(input, { spool: liar });
    await readToEnd(await layer.compressed());
    await refuses(async () => readToEnd(await layer.compressed()), SpoolError);
  });
};
