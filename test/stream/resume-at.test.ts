import { describe, expect, it } from "vitest";
import { checkpointOutputHash, describeCheckpoint, init, Sha256 } from "../../src/core/index.js";
import { newLayer, resumableLayer, SourceChangedError, type StreamLayer } from "../../src/stream/index.js";
import { ConsumedError, type Layer } from "../../src/v1/index.js";
import { concat, mixed } from "../fixtures/bytes.js";

const input = mixed(1_500_000, 31);

/** Some of a layer's bytes, and the checkpoint behind them. */
async function begun(): Promise<{ head: Uint8Array; checkpoint: Uint8Array }> {
  const layer = newLayer(input);
  const head: Uint8Array[] = [];
  const chunks = layer.chunks();
  for (let piece = 0; piece < 3; piece++) head.push((await chunks.next()).value!);
  const checkpoint = layer.checkpoint()!;
  await chunks.return?.();
  return { head: concat(...head), checkpoint };
}

async function read(layer: StreamLayer): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await layer.writeTo((view) => void pieces.push(view.slice()));
  return concat(...pieces);
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

describe("a layer that goes on at a checkpoint", () => {
  it.each([1, 999, 262_144, 5_000_000])(
    "over the whole source in pieces of %i bytes gives the rest, and the values of the whole",
    async (size) => {
      const { head, checkpoint } = await begun();
      const whole = newLayer(input);
      const expected = await read(whole);
      const layer = newLayer(size === 1 ? input : pieces(input, size));
      layer.resumeAt(checkpoint);
      expect(Buffer.compare(concat(head, await read(layer)), expected)).toBe(0);
      expect(await layer.result).toEqual(await whole.result);
    },
  );

  it("over a source that begins later skips what stands before the checkpoint", async () => {
    const { checkpoint } = await begun();
    const { inputOffset } = describeCheckpoint(checkpoint);
    const whole = newLayer(input);
    await read(whole);
    for (const sourceOffset of [1, inputOffset - 1, inputOffset]) {
      const layer = newLayer(pieces(input.subarray(sourceOffset), 70_001));
      layer.resumeAt(checkpoint, { sourceOffset });
      await read(layer);
      expect(await layer.result).toEqual(await whole.result);
    }
  });

  it("refuses another source before it gives anything, and closes it", async () => {
    const { checkpoint } = await begun();
    const { inputOffset } = describeCheckpoint(checkpoint);
    for (const at of [0, inputOffset - 1]) {
      let closed = 0;
      const source = (async function* () {
        const changed = input.slice();
        changed[at]! ^= 1;
        try {
          yield* pieces(changed, 100_000);
        } finally {
          closed += 1;
        }
      })();
      const layer = newLayer(source);
      layer.resumeAt(checkpoint);
      let given = 0;
      const error = await layer.writeTo(() => void given++).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(SourceChangedError);
      expect((error as SourceChangedError).message).toContain(`first ${inputOffset} bytes`);
      await expect(layer.digest()).rejects.toMatchObject({ code: "ERR_VARVE_STREAM_FAILED", cause: error });
      await layer.sourceClosed;
      expect([given, closed]).toEqual([0, 1]);
    }
  });

  it("refuses a source that ends before the checkpoint", async () => {
    const { checkpoint } = await begun();
    const layer = newLayer(input.subarray(0, 1000));
    layer.resumeAt(checkpoint);
    await expect(read(layer)).rejects.toThrow(/ends after 1000 bytes/);
  });

  it("refuses a checkpoint of another level when it is opened", async () => {
    const { checkpoint } = await begun();
    const layer = newLayer(input, { compressionLevel: 6 });
    layer.resumeAt(checkpoint);
    await expect(layer.compressed()).rejects.toMatchObject({ code: "ERR_VARVE_CHECKPOINT", reason: "level" });
  });

  it("ends at once when it is closed while it skips", async () => {
    const { checkpoint } = await begun();
    let reading!: () => void;
    const begins = new Promise<void>((resolve) => {
      reading = resolve;
    });
    const layer = newLayer({
      async *[Symbol.asyncIterator]() {
        yield input.subarray(0, 10);
        reading();
        await new Promise(() => undefined);
      },
    });
    layer.resumeAt(checkpoint);
    const ended = read(layer);
    await begins;
    await layer.close("enough");
    await expect(ended).rejects.toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
  });

  it("can't be one that has been opened, and is recognised by what it can do", async () => {
    const { checkpoint } = await begun();
    const layer = newLayer(input);
    expect(resumableLayer(layer)).toBe(layer);
    await layer.compressed();
    expect(() => layer.resumeAt(checkpoint)).toThrow(ConsumedError);
    expect(() => layer.requireCheckpoints()).toThrow(ConsumedError);
    expect(resumableLayer({ ...layer } as unknown as Layer)).toBeUndefined();
  });

  it("knows the hash of the output that came before", async () => {
    await init();
    const { head, checkpoint } = await begun();
    expect(checkpointOutputHash(checkpoint)).toEqual(new Sha256().update(head).save());
  });
});
