import { beforeAll, describe, expect, it } from "vitest";
import {
  CheckpointError,
  checkpointInputHash,
  describeCheckpoint,
  GzipLayerMachine,
  init,
  Sha256,
} from "../../src/core/index.js";
import {
  fromCompressed,
  memorySpool,
  newLayer,
  type Progress,
  type StreamLayer,
} from "../../src/stream/index.js";
import { type Compression, gzip, UnsupportedError } from "../../src/v1/index.js";
import { chunked, noise, SEGMENT } from "./fixture/bytes.js";
import { consume, expectTrue, readAll, rejection } from "./fixture/reading.js";

beforeAll(() => init());

const input = noise(3 * SEGMENT + 1000);
/** A source that fails when it has given this much. */
function* failing(bytes: number): Generator<Uint8Array> {
  yield* chunked(input.subarray(0, bytes), 100_000);
  throw new Error("the disk is gone");
}

/** Reads a layer until it fails, and returns what came until then. */
async function readUntilFailure(layer: StreamLayer): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await expect(
    (async () => {
      for await (const piece of layer.chunks()) pieces.push(piece);
    })(),
  ).rejects.toThrow();
  return Buffer.concat(pieces);
}

describe("a layer that is resumed", () => {
  it("gives the rest of the bytes, and the values of the whole, from wherever it was given up", async () => {
    for (const bytes of [SEGMENT, SEGMENT + 1, 2 * SEGMENT + 5, 3 * SEGMENT + 999]) {
      const first = newLayer(failing(bytes));
      const begun = await readUntilFailure(first);
      const checkpoint = first.checkpoint()!;
      const { inputOffset, outputOffset } = describeCheckpoint(checkpoint);
      expect(inputOffset).toBe(Math.floor(bytes / SEGMENT) * SEGMENT);
      expect(outputOffset).toBe(begun.length);
      const second = newLayer(input.subarray(inputOffset), { resume: checkpoint });
      await expectTrue(second, input, Buffer.concat([begun, await consume(second)]));
    }
  });

  it("goes on from a checkpoint that is taken at every piece, in whichever way it is read", async () => {
    const whole = await consume(newLayer(input));
    const layer = newLayer(input);
    const checkpoints: Uint8Array[] = [];
    let handedOut = 0;
    await layer.writeTo((view) => {
      handedOut += view.length;
      const checkpoint = layer.checkpoint()!;
      const { outputOffset } = describeCheckpoint(checkpoint);
      if (handedOut < whole.length) expect(outputOffset).toBe(handedOut);
      checkpoints.push(checkpoint);
    });
    expect(checkpoints.length).toBeGreaterThan(2);
    for (const checkpoint of checkpoints) {
      const { inputOffset, outputOffset } = describeCheckpoint(checkpoint);
      const resume = { resume: checkpoint };
      const rest = input.subarray(inputOffset);
      const expected = Buffer.from(whole.subarray(outputOffset));
      for (const read of [
        async (resumed: StreamLayer) => readAll(await resumed.compressed()),
        async (resumed: StreamLayer) => readAll(resumed.chunks()),
      ]) {
        const resumed = newLayer(rest, resume);
        expect(expected.equals(await read(resumed))).toBe(true);
        expect(await resumed.result).toEqual(await layer.result);
      }
    }
  });

  it("may be given up and resumed again", async () => {
    const pieces: Uint8Array[] = [];
    let checkpoint: Uint8Array | undefined;
    for (const end of [SEGMENT + 1, 2 * SEGMENT + 1]) {
      const from = checkpoint === undefined ? 0 : describeCheckpoint(checkpoint).inputOffset;
      const layer = newLayer(input.subarray(from, end), { resume: checkpoint });
      const iterator = layer.chunks();
      pieces.push((await iterator.next()).value!);
      checkpoint = layer.checkpoint()!;
      await iterator.return?.();
    }
    const last = newLayer(input.subarray(2 * SEGMENT), { resume: checkpoint });
    pieces.push(await consume(last));
    await expectTrue(last, input, Buffer.concat(pieces));
  });

  it("counts its progress from the beginning of the whole layer", async () => {
    const first = newLayer(failing(2 * SEGMENT + 5));
    await readUntilFailure(first);
    const checkpoint = first.checkpoint()!;
    const { outputOffset } = describeCheckpoint(checkpoint);
    const reports: Progress[] = [];
    const second = newLayer(input.subarray(2 * SEGMENT), {
      resume: checkpoint,
      onProgress: (progress) => reports.push(progress),
    });
    const rest = await consume(second);
    expect(reports.at(-1)).toEqual({ bytesIn: input.length, bytesOut: outputOffset + rest.length });
    expect(Math.min(...reports.map(({ bytesIn }) => bytesIn))).toBeGreaterThan(2 * SEGMENT);
  });
});

describe("what can't be resumed", () => {
  async function start(): Promise<Uint8Array> {
    const machine = new GzipLayerMachine(1);
    const checkpoint = machine.checkpoint();
    machine.release();
    return checkpoint;
  }

  it("is refused when the layer is read, and the source is closed", async () => {
    const checkpoint = await start();
    let closed = false;
    const source = {
      async *[Symbol.asyncIterator]() {
        try {
          yield input;
        } finally {
          closed = true;
        }
      },
    };
    const damaged = checkpoint.slice();
    damaged[40]! ^= 1;
    const layer = newLayer(source, { resume: damaged });
    const error = await rejection(layer.compressed());
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error).toMatchObject({ reason: "damaged" });
    await layer.sourceClosed;
    expect(closed).toBe(false);
    expect(await rejection(layer.digest())).toMatchObject({ cause: error });
    expect(layer.checkpoint()).toBeUndefined();
  });

  it("is a layer at another level than the one that is asked for; one that is not asked for is the checkpoint's", async () => {
    const resume = await start();
    const other = newLayer(input, { resume, compressionLevel: 0 });
    expect(await rejection(other.compressed())).toMatchObject({ reason: "level" });
    const [asked, notAsked] = [
      await consume(newLayer(input, { resume, compressionLevel: 1 })),
      await consume(newLayer(input, { resume })),
    ];
    expect(Buffer.compare(asked, notAsked)).toBe(0);
  });

  it("is a layer whose compression can't be saved", async () => {
    const layer = newLayer(input, { resume: await start(), compression: "none" });
    const error = await rejection(layer.compressed());
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toContain("none");
  });
});

describe("when there is a checkpoint", () => {
  it("there is none before the layer is opened, and none once it is complete", async () => {
    const layer = newLayer(input);
    expect(layer.checkpoint()).toBeUndefined();
    const stream = await layer.compressed();
    expect(describeCheckpoint(layer.checkpoint()!)).toMatchObject({ inputOffset: 0, outputOffset: 0 });
    await readAll(stream);
    expect(layer.checkpoint()).toBeUndefined();
  });

  it("there is that of its last moment after the layer was cancelled or closed, whatever its instance does then", async () => {
    for (const end of [
      (layer: StreamLayer) => layer.close(),
      (_: StreamLayer, reader: ReadableStreamDefaultReader) => reader.cancel(),
    ]) {
      const layer = newLayer(chunked(input, 100_000));
      const reader = (await layer.compressed()).getReader();
      const { value } = await reader.read();
      const before = layer.checkpoint()!;
      await end(layer, reader);
      await consume(newLayer(noise(2 * SEGMENT, 7)));
      expect(layer.checkpoint()).toEqual(before);
      const second = newLayer(input.subarray(SEGMENT), { resume: before });
      await expectTrue(second, input, Buffer.concat([value!, await consume(second)]));
    }
  });

  it("there is none of a layer that is not compressed", async () => {
    const layer = newLayer(input, { compression: "none" });
    await layer.compressed();
    expect(layer.checkpoint()).toBeUndefined();
  });

  it("it tells the hash of the input before it, so that a changed source can be told", async () => {
    const layer = newLayer(failing(2 * SEGMENT + 5));
    await readUntilFailure(layer);
    const saved = checkpointInputHash(layer.checkpoint()!);
    expect(saved).toEqual(new Sha256().update(input.subarray(0, 2 * SEGMENT)).save());
    const changed = input.slice(0, 2 * SEGMENT);
    changed[77]! ^= 1;
    expect(saved).not.toEqual(new Sha256().update(changed).save());
  });

  it("is not spooled, for the spool would lack its beginning", async () => {
    const first = newLayer(failing(SEGMENT));
    await readUntilFailure(first);
    const resume = first.checkpoint()!;
    const spool = memorySpool();
    const layer = newLayer(input.subarray(SEGMENT), { resume, spool });
    const error = await rejection(layer.compressed());
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toContain("can't be spooled");
  });
});

describe("a checkpoint and the options of the layer that goes on", () => {
  it("give the values of the whole with any threads and whoever's hashes are asked for", async () => {
    const whole = newLayer(input);
    const bytes = await consume(whole);
    const { digest, diffID } = await whole.result;
    const first = newLayer(failing(2 * SEGMENT + 5));
    const begun = await readUntilFailure(first);
    const resume = first.checkpoint()!;
    const { inputOffset } = describeCheckpoint(resume);
    for (const threads of [1, 2]) {
      for (const sha256 of ["wasm", "native"] as const) {
        const layer = newLayer(input.subarray(inputOffset), { resume, threads, sha256 });
        expect(Buffer.concat([begun, await consume(layer)]).equals(bytes)).toBe(true);
        expect(await layer.result).toMatchObject({ digest, diffID, sha256: "wasm" });
      }
    }
  });

  it("there is none of a spooled layer, whose pieces are kept before they are handed out", async () => {
    const layer = newLayer(input, { spool: memorySpool() });
    await layer.chunks().next();
    expect(layer.checkpoint()).toBeUndefined();
    await layer.close();
  });

  it("counts no piece that the iterator has not handed out when a listener throws", async () => {
    let reports = 0;
    const layer = newLayer(input, {
      onProgress: () => {
        if (++reports > 3) throw new Error("the listener failed");
      },
    });
    const pieces: Uint8Array[] = [];
    await expect(
      (async () => {
        for await (const piece of layer.chunks()) pieces.push(piece);
      })(),
    ).rejects.toThrow();
    const received = Buffer.concat(pieces).length;
    expect(describeCheckpoint(layer.checkpoint()!).outputOffset).toBe(received);
  });

  it("a machine whose checkpoint fails hinders nobody from closing the layer", async () => {
    const compression: Compression = {
      ...gzip,
      newMachine: (level) => {
        const machine = gzip.newMachine(level);
        machine.checkpoint = () => {
          throw new Error("no state");
        };
        return machine;
      },
    };
    const layer = newLayer(input, { compression });
    await layer.chunks().next();
    await layer.close();
    await expect(layer.result).rejects.toThrow("closed");
  });
});

it("options that can't be are refused, whether the compression has a use for them or not", async () => {
  await expect(newLayer(input, { compression: "none", threads: 0 }).compressed()).rejects.toThrow(RangeError);
  const wrong = newLayer(input, { sha256: "bogus" as "wasm" });
  await expect(wrong.compressed()).rejects.toThrow('there is no sha256 "bogus"');
  expect(() => memorySpool({ maxBytes: Number.NaN })).toThrow(RangeError);
  expect(() => fromCompressed(input, { maxBytes: -1 })).toThrow(RangeError);
  const resumed = fromCompressed(input, { resume: new Uint8Array(9) } as object);
  await expect(resumed.compressed()).rejects.toThrow();
});
