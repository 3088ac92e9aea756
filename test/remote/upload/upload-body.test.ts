import { describe, expect, it } from "vitest";
import { VarveError } from "../../../src/core/index.js";
import { LayerPieces } from "../../../src/remote/upload/layer-pieces.js";
import { LayerReadError } from "../../../src/remote/upload/layer-read-error.js";
import { UploadBody } from "../../../src/remote/upload/upload-body.js";
import { streamOf } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** A source that notes what happens to it. */
class Source {
  pulled = 0;
  readonly cancelled: unknown[] = [];
  readonly stream: ReadableStream<Uint8Array>;

  constructor(pull: (controller: ReadableStreamDefaultController<Uint8Array>) => unknown) {
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          this.pulled += 1;
          await pull(controller);
        },
        cancel: (reason) => {
          this.cancelled.push(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }
}

async function pieces(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const got: Uint8Array[] = [];
  for await (const piece of stream) {
    got.push(piece);
  }
  return got;
}

describe("UploadBody", () => {
  it("hands a layer's pieces on as they are, counts them, and ends with it", async () => {
    const lengths: number[] = [];
    const body = new UploadBody(new LayerPieces(streamOf([bytes(1, 2), bytes(3)])), (length) =>
      lengths.push(length),
    );
    expect(body.complete).toBe(false);
    expect(await pieces(body.stream)).toEqual([bytes(1, 2), bytes(3)]);
    expect(body).toMatchObject({ complete: true, sent: 3 });
    expect(lengths).toEqual([2, 1]);
  });

  it("leaves empty pieces out, which would end a chunked body", async () => {
    const body = new UploadBody(
      new LayerPieces(streamOf([bytes(), bytes(1), bytes(), bytes(), bytes(2), bytes()])),
      () => undefined,
    );
    expect(await pieces(body.stream)).toEqual([bytes(1), bytes(2)]);
  });

  it("reads nothing before it is asked", async () => {
    const source = new Source((controller) => controller.enqueue(bytes(1)));
    const body = new UploadBody(new LayerPieces(source.stream), () => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.pulled).toBe(0);
    await body.stream.getReader().read();
    expect(source.pulled).toBe(1);
  });

  it("fails with what failed in the layer as the cause, and tells nobody else before its maker", async () => {
    const cause = new Error("disk on fire");
    let turns = 0;
    const source = new Source((controller) => {
      turns += 1;
      if (turns > 1) {
        throw cause;
      }
      controller.enqueue(bytes(1, 2, 3));
    });
    const body = new UploadBody(new LayerPieces(source.stream), () => undefined);
    const reader = body.stream.getReader();
    await reader.read();
    const second = reader.read();
    const error = await rejection(body.failed);
    expect(error).toBeInstanceOf(LayerReadError);
    expect(error).toMatchObject({ code: "ERR_VARVE_LAYER_READ", retryable: false, cause });
    expect(error.message).toContain("after 3 compressed bytes (disk on fire)");
    expect(body.complete).toBe(false);

    body.letGo(error);
    expect(await rejection(second)).toBe(error);
  });

  it("passes an error of varve's own on as it is", async () => {
    const own = new VarveError("ERR_VARVE_TEST", "own");
    const source = new Source(() => {
      throw own;
    });
    const body = new UploadBody(new LayerPieces(source.stream), () => undefined);
    body.stream
      .getReader()
      .read()
      .catch(() => undefined);
    expect(await rejection(body.failed)).toBe(own);
  });

  it("fails with what its listener throws", async () => {
    const bug = new Error("the progress bar is broken");
    const body = new UploadBody(new LayerPieces(streamOf([bytes(1)])), () => {
      throw bug;
    });
    body.stream
      .getReader()
      .read()
      .catch(() => undefined);
    expect(await rejection(body.failed)).toBe(bug);
  });

  it("reads no further once it is halted, and leaves the layer open", async () => {
    const source = new Source((controller) => controller.enqueue(bytes(1)));
    const body = new UploadBody(new LayerPieces(source.stream), () => undefined);
    const reader = body.stream.getReader();
    await reader.read();
    body.halt();
    reader.read().catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.pulled).toBeLessThanOrEqual(2);
    expect(body.sent).toBe(1);
    expect(source.cancelled).toEqual([]);
  });

  it("does not take a layer that is ended for one that has come to its end", async () => {
    const source = new Source(() => new Promise(() => undefined));
    const layer = new LayerPieces(source.stream);
    const body = new UploadBody(layer, () => undefined);
    const reading = body.stream.getReader().read();
    const reason = new Error("refused");
    body.letGo(reason);
    await layer.cancel(reason);
    expect(await rejection(reading)).toBe(reason);
    expect(source.cancelled).toEqual([reason]);
    expect(body.complete).toBe(false);
  });

  it("leaves the layer open when the runtime gives the body up, and when its maker does", async () => {
    const source = new Source((controller) => controller.enqueue(bytes(1)));
    const body = new UploadBody(new LayerPieces(source.stream), () => undefined);
    await body.stream.cancel();
    body.letGo(new Error("refused"));
    expect(source.cancelled).toEqual([]);
  });

  it("comes to its end when it is cut short, also while a piece is waited for, and leaves the layer open", async () => {
    const source: Source = new Source((controller) =>
      source.pulled > 1 ? new Promise(() => undefined) : controller.enqueue(bytes(1, 2)),
    );
    const body = new UploadBody(new LayerPieces(source.stream), () => undefined);
    const reader = body.stream.getReader();
    expect(await reader.read()).toEqual({ done: false, value: bytes(1, 2) });
    const second = reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    body.cutShort();
    expect(await second).toEqual({ done: true, value: undefined });
    expect(body).toMatchObject({ complete: false, sent: 2 });
    expect([source.pulled, source.cancelled]).toEqual([2, []]);
  });

  it("can be cut short after its end, and after the runtime gave it up, which changes nothing", async () => {
    const ended = new UploadBody(new LayerPieces(streamOf([bytes(1)])), () => undefined);
    await pieces(ended.stream);
    ended.cutShort();
    expect(ended).toMatchObject({ complete: true, sent: 1 });
    const left = new UploadBody(new LayerPieces(streamOf([bytes(1)])), () => undefined);
    await left.stream.cancel();
    left.cutShort();
    left.cutShort();
    expect(left).toMatchObject({ complete: false, sent: 0 });
  });

  it("can be let go after its end, which changes nothing", async () => {
    const body = new UploadBody(new LayerPieces(streamOf([bytes(1)])), () => undefined);
    await pieces(body.stream);
    body.letGo(new Error("late"));
    expect(body).toMatchObject({ complete: true, sent: 1 });
  });

  it("leaves a piece that it waited for when it was halted to the next body", async () => {
    let give!: () => void;
    const source = new Source(async (controller) => {
      await new Promise<void>((resolve) => {
        give = resolve;
      });
      controller.enqueue(bytes(1, 2));
      controller.close();
    });
    const layer = new LayerPieces(source.stream);
    const first = new UploadBody(layer, () => undefined);
    const given = first.stream.getReader().read();
    await new Promise((resolve) => setImmediate(resolve));
    first.letGo(new Error("refused"));
    await rejection(given);
    const second = new UploadBody(layer, () => undefined);
    const all = pieces(second.stream);
    give();
    expect(await all).toEqual([bytes(1, 2)]);
    expect([first.sent, second.sent, source.pulled]).toEqual([0, 2, 1]);
  });

  it("leaves the layer untouched until a piece is handed on, or the layer fails", async () => {
    const layer = new LayerPieces(streamOf([bytes(1)]));
    expect(layer.untouched).toBe(true);
    await layer.peek();
    expect(layer.untouched).toBe(true);
    await new UploadBody(layer, () => undefined).stream.getReader().read();
    expect(layer.untouched).toBe(false);
    const broken = new LayerPieces(
      new Source(() => {
        throw new Error("disk on fire");
      }).stream,
    );
    await rejection(broken.peek());
    expect(broken.untouched).toBe(false);
  });
});
