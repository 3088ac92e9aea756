import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  AbortedError,
  fromCompressed,
  memorySpool,
  newLayer,
  type Spool,
  SpoolError,
  StreamFailedError,
  type StreamLayer,
  type StreamLayerOptions,
} from "../../src/stream/index.js";
import { ConsumedError, NotComputedError, UnsupportedError } from "../../src/v1/index.js";
import { zstd } from "../../src/zstd/index.js";
import { mixed, randomBytes } from "../fixtures/bytes.js";
import { pieces } from "../portable/chunks.js";
import { sha256Text } from "./fixture/bytes.js";
import { consume, expectTrue, readAll, rejection, valueErrors } from "./fixture/reading.js";
import { failing, stuck, watched } from "./fixture/sources.js";

const INPUT = mixed(1_500_000, 1);

/** A spool in memory that keeps a journal, and can be made to misbehave. */
class WatchedSpool implements Spool {
  readonly pieces: Uint8Array[] = [];
  removed = 0;
  opened = 0;
  onWrite: (bytes: Uint8Array) => unknown = () => {};
  onRemove: () => unknown = () => {};

  async write(bytes: Uint8Array): Promise<void> {
    await this.onWrite(bytes);
    this.pieces.push(bytes.slice());
  }

  read(): Iterable<Uint8Array> {
    this.opened++;
    return this.pieces;
  }

  async remove(): Promise<void> {
    this.removed++;
    await this.onRemove();
  }
}

async function contentOf(layer: StreamLayer): Promise<Uint8Array> {
  return readAll(await layer.uncompressed());
}

describe("a layer with a spool", () => {
  it.each([
    ["gzip", {}],
    ["gzip, stored", { compressionLevel: 0 }],
    ["none", { compression: "none" }],
    ["zstd", { compression: zstd }],
  ] satisfies [string, StreamLayerOptions][])("can be read again, in both forms: %s", async (_, options) => {
    const layer = newLayer(pieces(INPUT, 100_000), { ...options, spool: memorySpool() });
    const first = await consume(layer);
    const values = await layer.result;
    for (let again = 0; again < 2; again++) {
      expect(Buffer.compare(await consume(layer), first)).toBe(0);
      expect(Buffer.compare(await contentOf(layer), INPUT)).toBe(0);
    }
    expect(Buffer.compare(await readAll(layer.chunks()), first)).toBe(0);
    const views: Uint8Array[] = [];
    expect(await layer.writeTo((view) => views.push(view.slice()))).toBe(values);
    expect(Buffer.compare(Buffer.concat(views), first)).toBe(0);
    expect(String(values.diffID)).toBe(sha256Text(INPUT));
    expect(String(values.digest)).toBe(sha256Text(first));
  });

  it("is made of a compressed source, too", async () => {
    const compressed = await consume(newLayer(INPUT));
    const layer = fromCompressed(compressed, { spool: memorySpool() });
    expect(Buffer.compare(await contentOf(layer), INPUT)).toBe(0);
    expect(Buffer.compare(await consume(layer), compressed)).toBe(0);
  });

  it("has the values, and gives the bytes, that it has without one", async () => {
    const layer = newLayer(INPUT, { spool: memorySpool() });
    const output = await consume(layer);
    await expectTrue(layer, INPUT, output);
    expect(Buffer.compare(output, await consume(newLayer(INPUT)))).toBe(0);
  });

  it("may be read uncompressed first: then the source is read when the reader asks", async () => {
    const source = watched(pieces(INPUT, 100_000));
    const layer = newLayer(source, { spool: memorySpool() });
    const stream = await layer.uncompressed();
    expect(source.journal.opened).toBe(0);
    expect(await rejection(layer.compressed())).toBeInstanceOf(ConsumedError);
    expect(Buffer.compare(await readAll(stream), INPUT)).toBe(0);
    expect(Buffer.compare(gunzipSync(await consume(layer)), INPUT)).toBe(0);
    expect(String(await layer.diffID())).toBe(sha256Text(INPUT));
  });

  it("can be read by several readers at once when it is complete", async () => {
    const layer = newLayer(INPUT, { spool: memorySpool() });
    const first = await consume(layer);
    const readings = await Promise.all([consume(layer), contentOf(layer), consume(layer)]);
    expect(readings.map((each) => Buffer.compare(each, each === readings[1] ? INPUT : first))).toEqual([
      0, 0, 0,
    ]);
  });

  it("stays as it is when a later reading is cancelled or aborted", async () => {
    const layer = newLayer(INPUT, { spool: memorySpool() });
    const first = await consume(layer);
    const reader = (await layer.uncompressed()).getReader();
    await reader.read();
    await reader.cancel();
    const controller = new AbortController();
    const aborted = (await layer.compressed({ signal: controller.signal })).getReader();
    await aborted.read();
    controller.abort();
    expect(await rejection(aborted.read())).toBeInstanceOf(AbortedError);
    expect(Buffer.compare(await consume(layer), first)).toBe(0);
  });

  it("cannot be opened again, in either form, while it is read", async () => {
    const layer = newLayer(INPUT, { spool: memorySpool() });
    const stream = await layer.compressed();
    expect(await rejection(layer.compressed())).toBeInstanceOf(ConsumedError);
    expect(await rejection(layer.uncompressed())).toBeInstanceOf(NotComputedError);
    await readAll(stream);
    await contentOf(layer);
  });
});

describe("acceptance 19: without a spool", () => {
  it("uncompressed() is not supported, names the option, and leaves the source alone", async () => {
    const source = watched([INPUT]);
    const error = await rejection(newLayer(source).uncompressed());
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toContain("`spool`");
    expect(source.journal.opened).toBe(0);
  });
});

describe("a spool", () => {
  it("is given each piece before the reader, and nothing else", async () => {
    const spool = new WatchedSpool();
    const output = await consume(newLayer(INPUT, { spool }));
    expect(Buffer.compare(Buffer.concat(spool.pieces), output)).toBe(0);
    expect({ opened: spool.opened, removed: spool.removed }).toEqual({ opened: 0, removed: 0 });
  });

  it("is waited for, so that the machine's memory is its own until it has written", async () => {
    const spool = new WatchedSpool();
    let release: () => void = () => {};
    spool.onWrite = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    const layer = newLayer(randomBytes(100_000, 2), { spool });
    const reader = (await layer.compressed()).getReader();
    let answered = false;
    const reading = reader.read().then(() => {
      answered = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    release();
    await reading;
    await reader.cancel();
  });

  it("that fails fails the layer, with its error as the cause, and is removed", async () => {
    const spool = new WatchedSpool();
    const own = new Error("no space left");
    spool.onWrite = () => {
      throw own;
    };
    const layer = newLayer(INPUT, { spool });
    const error = await rejection(consume(layer));
    expect(error).toBeInstanceOf(SpoolError);
    expect(error).toMatchObject({ code: "ERR_VARVE_SPOOL", cause: own });
    for (const shown of await valueErrors(layer)) {
      expect(shown).toBeInstanceOf(StreamFailedError);
      expect((shown as Error).cause).toBe(error);
    }
    expect(spool.removed).toBe(1);
  });

  it.each([
    ["cancelled", async (layer: StreamLayer) => (await layer.compressed()).cancel()],
    ["closed before it is read", async (layer: StreamLayer) => layer.close()],
    [
      "closed when it is complete",
      async (layer: StreamLayer) => {
        await consume(layer);
        await layer.close();
      },
    ],
    [
      "disposed of",
      async (layer: StreamLayer) => {
        await consume(layer);
        await layer[Symbol.asyncDispose]();
      },
    ],
  ])("is removed once, when the layer is %s", async (_, end) => {
    const spool = new WatchedSpool();
    const layer = newLayer(INPUT, { spool });
    await end(layer);
    await layer.close();
    expect(spool.removed).toBe(1);
  });

  it("is removed when the source fails, and when the reader of the content gives up before the end", async () => {
    const failed = new WatchedSpool();
    const own = new Error("gone");
    const layer = newLayer(failing([INPUT], own), { spool: failed });
    expect(await rejection(contentOf(layer))).toBe(own);
    expect(failed.removed).toBe(1);

    const left = new WatchedSpool();
    const source = stuck([INPUT]);
    const waiting = newLayer(source, { spool: left });
    const reader = (await waiting.uncompressed()).getReader();
    const pending = reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    await reader.cancel(new Error("enough"));
    expect((await pending).done).toBe(true);
    expect(await rejection(waiting.digest())).toBeInstanceOf(AbortedError);
    expect({ removed: left.removed, closed: source.journal.closed }).toEqual({ removed: 1, closed: 1 });
  });

  it("that was removed with its layer leaves the values, and nothing to read", async () => {
    const layer = newLayer(INPUT, { spool: memorySpool() });
    await consume(layer);
    await layer.close();
    expect(String(await layer.diffID())).toBe(sha256Text(INPUT));
    for (const error of [await rejection(layer.compressed()), await rejection(layer.uncompressed())]) {
      expect(error).toBeInstanceOf(SpoolError);
      expect((error as Error).message).toContain("the layer was closed");
    }
  });

  it("that cannot be removed makes close() say so, and nothing else", async () => {
    const spool = new WatchedSpool();
    spool.onRemove = () => {
      throw new Error("it is stuck");
    };
    const layer = newLayer(INPUT, { spool });
    await consume(layer);
    expect(await rejection(layer.close())).toBeInstanceOf(SpoolError);
    expect(String(await layer.diffID())).toBe(sha256Text(INPUT));
    const other = new WatchedSpool();
    other.onRemove = spool.onRemove;
    await (await newLayer(INPUT, { spool: other }).compressed()).cancel();
  });

  it.each([
    [
      "changes a byte",
      (spool: WatchedSpool) => {
        spool.pieces[0]![100]! ^= 1;
      },
    ],
    [
      "loses its end",
      (spool: WatchedSpool) => {
        spool.pieces.pop();
      },
    ],
    [
      "loses everything",
      (spool: WatchedSpool) => {
        spool.pieces.splice(0);
      },
    ],
    [
      "gains something",
      (spool: WatchedSpool) => {
        spool.pieces.push(Uint8Array.of(0));
      },
    ],
  ])("that %s is found out before the end of a reading", async (_, damage) => {
    const spool = new WatchedSpool();
    const layer = newLayer(randomBytes(700_000, 3), { compression: "none", spool });
    await consume(layer);
    damage(spool);
    for (const read of [consume, contentOf]) {
      const error = await rejection(read(layer));
      expect(error).toBeInstanceOf(SpoolError);
      expect((error as Error).message).toContain(String((await layer.result).digest));
    }
  });

  it("that is damaged below a compression is found out by one or the other", async () => {
    const spool = new WatchedSpool();
    const layer = newLayer(INPUT, { spool });
    await consume(layer);
    spool.pieces[0]![spool.pieces[0]!.length >> 1]! ^= 1;
    expect(await rejection(contentOf(layer))).toBeInstanceOf(Error);
    expect(await rejection(consume(layer))).toBeInstanceOf(SpoolError);
  });
});

describe("memorySpool", () => {
  it("keeps as many bytes as it may, and not one more", async () => {
    const input = randomBytes(100_000, 4);
    const enough = newLayer(input, { compression: "none", spool: memorySpool({ maxBytes: 100_000 }) });
    await consume(enough);
    expect(Buffer.compare(await contentOf(enough), input)).toBe(0);
    const small = newLayer(input, { compression: "none", spool: memorySpool({ maxBytes: 99_999 }) });
    const error = await rejection(consume(small));
    expect(error).toBeInstanceOf(SpoolError);
    expect((error as Error).message).toContain("99999 bytes");
    expect(await rejection(small.digest())).toMatchObject({ cause: error });
  });

  it("copies what it is given", async () => {
    const spool = memorySpool();
    const bytes = Uint8Array.of(1, 2, 3);
    spool.write(bytes);
    bytes.fill(9);
    expect([...(spool.read() as Iterable<Uint8Array>)].map((piece) => [...piece])).toEqual([[1, 2, 3]]);
    spool.remove();
    expect([...(spool.read() as Iterable<Uint8Array>)]).toEqual([]);
  });
});
