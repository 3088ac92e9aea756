import { setImmediate as turn } from "node:timers/promises";
import { receiveMessageOnPort } from "node:worker_threads";
import { beforeAll, describe, expect, it } from "vitest";
import { Gzip, init } from "../../../src/core/index.js";
import { PROTOCOL } from "../../../src/core/thread/protocol.js";
import { SegmentSlot } from "../../../src/core/thread/segment-slot.js";
import { serveSegments } from "../../../src/core/thread/serve-segments.js";
import { type Encoded, ThreadPool } from "../../../src/core/thread/thread-pool.js";
import { text } from "../../fixtures/bytes.js";
import { encode } from "../../fixtures/encode.js";
import { expectSameBytes } from "../../fixtures/same-bytes.js";
import { rawCore, SEGMENT_SIZE, wasmFile } from "../../fixtures/wasm.js";
import { type Behaviour, localWorkers } from "./fixture/workers.js";

beforeAll(() => init());

/** What a pool is given of a runtime, and what it has asked it to do later. */
function newHost(polling: boolean) {
  const due = new Set<() => void>();
  return {
    due,
    receiveMessage: polling
      ? (port: MessagePort) =>
          receiveMessageOnPort(port as unknown as Parameters<typeof receiveMessageOnPort>[0])
      : undefined,
    later(action: () => void): () => void {
      due.add(action);
      return () => due.delete(action);
    },
  };
}

const bytes = text(SEGMENT_SIZE, 1);

function newSlot(): SegmentSlot {
  const slot = new SegmentSlot(SEGMENT_SIZE);
  slot.begin(undefined);
  slot.fill(bytes);
  return slot;
}

const expected = (() => {
  const core = rawCore();
  core.segment.set(bytes);
  const size = core.segmentEncode(1, 0, bytes.length, false, core.outputAddress);
  return core.bytes.slice(core.outputAddress, core.outputAddress + size);
})();

function setUp(behaviour: Behaviour = "sound", polling = true) {
  const host = newHost(polling);
  const { createWorker, workers } = localWorkers(behaviour);
  return { pool: new ThreadPool(createWorker, host), workers, due: host.due };
}

/** Lets everything be said that is being said. */
async function hear(pool: ThreadPool): Promise<void> {
  for (let i = 0; i < 4; i++) {
    await turn();
    pool.poll();
  }
}

const ignore: Encoded = () => {};

describe.each([true, false])("a pool where messages can be taken without waiting: %s", (polling) => {
  it("gives segments to those that have least to do, up to three each, and says who encoded them", async () => {
    const { pool } = setUp("sound", polling);
    const done: { slot: SegmentSlot; thread: object }[] = [];
    const encoded: Encoded = (slot, output, crc, thread) => {
      slot.keep(output, crc);
      done.push({ slot, thread });
    };
    pool.join(2);
    expect(pool.dispatch(newSlot(), 1, 2, encoded)).toBe(false);
    await hear(pool);
    const slots = Array.from({ length: 7 }, newSlot);
    expect(slots.map((slot) => pool.dispatch(slot, 1, 2, encoded))).toEqual([
      ...new Array(6).fill(true),
      false,
    ]);
    await hear(pool);
    expect(new Set(done.map(({ slot }) => slot))).toEqual(new Set(slots.slice(0, 6)));
    const threads = [...new Set(done.map(({ thread }) => thread))];
    expect(threads.map((one) => done.filter(({ thread }) => thread === one).length)).toEqual([3, 3]);
    for (const { slot } of done) expectSameBytes(slot.output as Uint8Array, expected);
    pool.leave(encoded);
  });

  it("gives whoever wants fewer threads no more than that", async () => {
    const { pool, workers } = setUp("sound", polling);
    pool.join(3);
    await hear(pool);
    for (let i = 0; i < 5; i++) pool.dispatch(newSlot(), 1, 1, ignore);
    await hear(pool);
    expect(workers.map(({ answered }) => answered)).toEqual([3, 0, 0]);
  });

  it("does not bring an answer to whoever has left, nor to a slot that was filled anew", async () => {
    const { pool } = setUp("sound", polling);
    let heard = 0;
    const encoded: Encoded = () => {
      heard++;
    };
    pool.join(1);
    await hear(pool);
    const reused = newSlot();
    pool.dispatch(reused, 1, 1, encoded);
    reused.begin(undefined);
    const done = newSlot();
    pool.dispatch(done, 1, 1, encoded);
    done.keep(expected, 0);
    await hear(pool);
    pool.dispatch(newSlot(), 1, 1, encoded);
    pool.leave(encoded);
    await hear(pool);
    expect(heard).toBe(0);
  });

  it("ends its workers when nobody has used it for a while, and starts others for the next", async () => {
    const { pool, workers, due } = setUp("sound", polling);
    pool.join(2);
    pool.join(1);
    pool.leave(ignore);
    expect(due.size).toBe(0);
    pool.leave(ignore);
    expect(due.size).toBe(1);
    pool.join(2);
    expect(due.size).toBe(0);
    expect(pool.warm).toBe(true);
    pool.leave(ignore);
    for (const action of due) action();
    expect(workers.map(({ terminated }) => terminated)).toEqual([1, 1]);
    expect(pool.warm).toBe(false);
    due.clear();
    pool.join(1);
    await hear(pool);
    expect(workers.length).toBe(3);
    expect(pool.dispatch(newSlot(), 1, 1, ignore)).toBe(true);
  });

  it("lets the process end while its workers wait", () => {
    const { pool, workers } = setUp("sound", polling);
    pool.join(2);
    expect(workers.map(({ unreferenced }) => unreferenced)).toEqual([1, 1]);
  });

  it("starts another for a worker that was lost at work, when it is joined again", async () => {
    const { pool, workers } = setUp("mortal", polling);
    pool.join(1);
    await hear(pool);
    for (let i = 0; i < 3; i++) pool.dispatch(newSlot(), 1, 1, ignore);
    await hear(pool);
    expect(pool.warm).toBe(false);
    expect(pool.dispatch(newSlot(), 1, 1, ignore)).toBe(false);
    pool.join(1);
    expect(workers.length).toBe(2);
  });

  it.each(["stillborn", "foreign", "deaf"] as const)(
    "starts no other for one that was %s",
    async (behaviour) => {
      const { pool, workers } = setUp(behaviour, polling);
      pool.join(1);
      await hear(pool);
      expect(pool.warm).toBe(false);
      pool.join(3);
      expect(workers.length).toBe(1);
      expect(workers[0]?.terminated).toBe(1);
    },
  );

  it("asks for turns of the event loop while a worker owes an answer, where it needs them", async () => {
    const { pool } = setUp("sound", polling);
    expect(pool.expecting).toBe(false);
    pool.join(1);
    expect(pool.expecting).toBe(!polling);
    await hear(pool);
    expect(pool.expecting).toBe(false);
    pool.dispatch(newSlot(), 1, 1, ignore);
    expect(pool.expecting).toBe(!polling);
    await hear(pool);
    expect(pool.expecting).toBe(false);
    await pool.turn();
  });
});

describe("a worker", () => {
  it("refuses to be greeted in another version's words", () => {
    const { port1, port2 } = new MessageChannel();
    const module = new WebAssembly.Module(wasmFile("core"));
    expect(() => serveSegments({ protocol: `${PROTOCOL}x`, port: port2, module })).toThrow("take both sides");
    port1.close();
  });

  it("says that it could not encode what is no segment, and goes on", async () => {
    const { port1, port2 } = new MessageChannel();
    serveSegments({ protocol: PROTOCOL, port: port2, module: new WebAssembly.Module(wasmFile("core")) });
    const said: unknown[] = [];
    port1.onmessage = ({ data }) => said.push({ ...data, buffer: undefined });
    const tooLong = { id: 7, level: 1, window: 0, length: 2 ** 30, buffer: new ArrayBuffer(16) };
    port1.postMessage(tooLong, [tooLong.buffer]);
    while (said.length < 2) await turn();
    expect(said).toEqual([
      { ready: PROTOCOL, buffer: undefined },
      { id: 7, size: -1, crc: 0, buffer: undefined },
    ]);
    port1.close();
  });
});

it("a segment from a worker is the one that Gzip writes behind its header", () => {
  const output = encode(new Gzip(1), bytes);
  expectSameBytes(output.subarray(10, 10 + expected.length), expected);
});
