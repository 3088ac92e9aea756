import { afterEach, describe, expect, it, vi } from "vitest";
import { BODY_LIMIT, discardBody, readBody } from "../../../src/remote/transport/response-body.js";

/** A body that counts its chunks, knows whether it was cancelled, and pauses for ever after so many chunks. */
class Body {
  pulled = 0;
  cancelled = false;
  readonly response: Response;

  constructor(chunk: Uint8Array, chunks: number, end: "close" | "fail" | "hang" = "close") {
    this.response = new Response(
      new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            this.pulled += 1;
            if (this.pulled <= chunks) {
              controller.enqueue(chunk);
            } else if (end === "close") {
              controller.close();
            } else if (end === "fail") {
              controller.error(new Error("the connection broke"));
            } else {
              return new Promise(() => undefined);
            }
          },
          cancel: () => {
            this.cancelled = true;
          },
        },
        { highWaterMark: 0 },
      ),
    );
  }
}

const chunkOf = (length: number): Uint8Array => new Uint8Array(length).fill(0x61);

afterEach(() => {
  vi.useRealTimers();
});

describe("readBody", () => {
  it("reads a body to its end", async () => {
    const { response } = new Body(new TextEncoder().encode("häppy "), 3);
    expect(await readBody(response)).toEqual({ text: "häppy häppy häppy ", exceeded: false });
  });

  it("gives no text for a response without a body", async () => {
    expect(await readBody(new Response(null, { status: 204 }))).toEqual({ text: "", exceeded: false });
  });

  it("puts a character together that was cut by a chunk's end, and marks one that was cut by the body's", async () => {
    const bytes = new TextEncoder().encode("€");
    const parts = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of [...bytes, ...bytes.subarray(0, 2)]) {
          controller.enqueue(Uint8Array.of(byte));
        }
        controller.close();
      },
    });
    expect((await readBody(new Response(parts))).text).toBe("€\ufffd");
  });

  it("takes exactly as much as the limit", async () => {
    const { response } = new Body(chunkOf(BODY_LIMIT / 4), 4);
    const body = await readBody(response);
    expect(body.text).toHaveLength(BODY_LIMIT);
    expect(body.exceeded).toBe(false);
  });

  it("stops an endless body just after the limit, keeps what fits, and cancels it", async () => {
    const body = new Body(chunkOf(1000), Number.POSITIVE_INFINITY);
    const { text, exceeded } = await readBody(body.response);
    expect(text).toBe("a".repeat(BODY_LIMIT));
    expect(exceeded).toBe(true);
    expect(body.cancelled).toBe(true);
    expect(body.pulled).toBeLessThan(BODY_LIMIT / 1000 + 3);
  });

  it("keeps what came before the connection broke", async () => {
    const { response } = new Body(chunkOf(3), 2, "fail");
    expect(await readBody(response)).toEqual({
      text: "aaaaaa",
      exceeded: false,
      failure: new Error("the connection broke"),
    });
  });

  it("gives up a body that hangs, and cancels it", async () => {
    vi.useFakeTimers();
    const body = new Body(chunkOf(3), 1, "hang");
    const reading = readBody(body.response);
    await vi.advanceTimersByTimeAsync(5000);
    const failure = new Error("it was not complete after 5000 milliseconds");
    expect(await reading).toEqual({ text: "aaa", exceeded: false, failure });
    expect(body.cancelled).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is cut short by its signal, before or while it reads", async () => {
    const controller = new AbortController();
    const body = new Body(chunkOf(3), 1, "hang");
    const reading = readBody(body.response, controller.signal);
    controller.abort();
    await reading;
    expect(body.cancelled).toBe(true);

    const late = new Body(chunkOf(3), 1, "hang");
    expect(await readBody(late.response, controller.signal)).toEqual({ text: "", exceeded: false });
    expect(late.cancelled).toBe(true);
  });

  it("leaves no timer behind", async () => {
    vi.useFakeTimers();
    await readBody(new Body(chunkOf(3), 2).response);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("discardBody", () => {
  it("reads a short body to its end, so that the connection can be used again", async () => {
    const body = new Body(chunkOf(10), 2);
    await discardBody(body.response);
    expect(body.pulled).toBe(3);
    expect(body.cancelled).toBe(false);
  });

  it("cancels a long one", async () => {
    const body = new Body(chunkOf(BODY_LIMIT), Number.POSITIVE_INFINITY);
    await discardBody(body.response);
    expect(body.cancelled).toBe(true);
  });
});
