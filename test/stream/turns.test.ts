import { beforeAll, expect, it } from "vitest";
import { describeCheckpoint, init } from "../../src/core/index.js";
import { newLayer } from "../../src/stream/index.js";
import { noise } from "./fixture/bytes.js";
import { rejection } from "./fixture/reading.js";
import { turn } from "./fixture/turns.js";

beforeAll(() => init());

const MIB = 1024 * 1024;

function* zeros(pieces: number, length: number): Generator<Uint8Array> {
  const piece = new Uint8Array(length);
  for (let i = 0; i < pieces; i++) yield piece;
}

it("lets the event loop have its turns while what stands before a checkpoint comes in empty pieces", async () => {
  const whole = newLayer(noise(2 * MIB));
  let checkpoint: Uint8Array | undefined;
  for await (const _ of whole.chunks()) checkpoint = whole.checkpoint() ?? checkpoint;
  const controller = new AbortController();
  void turn().then(() => controller.abort("enough"));
  const layer = newLayer(zeros(100_000, 0), { signal: controller.signal });
  layer.resumeAt(checkpoint!);
  const read = async (): Promise<void> => {
    for await (const _ of layer.chunks());
  };
  expect(await rejection(read())).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
});

it.each<[string, number, number]>([
  ["pieces of a mebibyte", 64, MIB],
  ["one piece", 1, 64 * MIB],
  ["tiny pieces", 100_000, 1],
  ["nothing at all", 100_000, 0],
])(
  "lets the event loop have its turns while it compresses what is at hand, in %s",
  async (_, pieces, length) => {
    const controller = new AbortController();
    void turn().then(() => controller.abort("enough"));
    const layer = newLayer(zeros(pieces, length), { signal: controller.signal });
    const read = async (): Promise<void> => {
      for await (const _ of await layer.compressed());
    };
    expect(await rejection(read())).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
  },
);

it("lets the event loop have its turns while it skips what stands before a checkpoint", async () => {
  const begun = newLayer(zeros(64, MIB), { compressionLevel: 0 });
  const chunks = begun.chunks();
  let checkpoint = begun.checkpoint();
  while (checkpoint === undefined || describeCheckpoint(checkpoint).inputOffset < 48 * MIB) {
    await chunks.next();
    checkpoint = begun.checkpoint();
  }
  await chunks.return?.();
  const controller = new AbortController();
  let given = 0;
  const source = (function* () {
    for (const piece of zeros(64, MIB)) {
      given += piece.length;
      yield piece;
    }
  })();
  const layer = newLayer(source, { compressionLevel: 0, signal: controller.signal });
  layer.resumeAt(checkpoint);
  void turn().then(() => controller.abort("enough"));
  const read = async (): Promise<void> => {
    for await (const _ of await layer.compressed());
  };
  expect(await rejection(read())).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
  expect(given).toBeLessThan(48 * MIB);
});
