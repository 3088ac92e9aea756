import { Boundary, enterState } from "../boundary.js";
import { checkChunk } from "../check-bytes.js";
import { type EncoderState, writeEncoderState } from "../checkpoint/encoder-state.js";
import { checkCompressionLevel } from "../compression-level.js";
import { type CoreInstance, coreInstancesFor } from "../core-instance.js";
import { type Encoder, MachineStateError } from "../machine.js";
import type { ThreadOptions } from "../machine-options.js";
import type { Pool } from "../pool.js";
import { PENDING } from "../stream-counters.js";
import { SegmentSlot } from "./segment-slot.js";
import { threadCount } from "./thread-count.js";
import { type Encoded, type ThreadPool, threadPool } from "./thread-pool.js";

/** As in segment-encoder.ts: output is handed out in pieces of this size and more. */
const PIECE = 65536;

/** A stream that is shorter than so many segments starts no worker: that would take longer than the whole stream. */
const WORTH_A_WORKER = 4;

/**
 * Segments of one stream under way at a time, for each thread: three in a worker's queue, and as many that the others
 * have finished ahead of it. Each takes 288 KiB, and as much again while a worker has a copy.
 */
const IN_FLIGHT_PER_THREAD = 4;

/**
 * What the gzip machines with several threads share: segments are filled here, encoded by whoever has time, and joined
 * in their order.
 *
 * The calling thread hashes, and encodes a segment itself when every worker has enough. It never waits for a worker: when
 * as many segments are under way as may be, it encodes the one that was given out last and has not come back, which its
 * worker has hardly begun. So a worker that is slow, or lost, only leaves it more to do.
 *
 * At most {@link IN_FLIGHT_PER_THREAD} segments for each thread are under way; the machine takes no more input until the
 * first of them has been joined.
 */
export abstract class ParallelEncoder implements Encoder {
  /** The last boundary whose output has been handed out. */
  protected readonly boundary: Boundary = new Boundary();
  readonly #instances: Pool<CoreInstance>;
  #instance: CoreInstance | undefined;
  readonly #level: number;
  readonly #workers: number;
  #pool: ThreadPool | undefined;
  #joined = false;
  /** The workers that have encoded a segment that was used. */
  readonly #helpers: Set<object> = new Set();
  /** The segment that is being filled. */
  #current: SegmentSlot;
  /** Segments under way, in order. */
  readonly #queue: SegmentSlot[] = [];
  readonly #spare: SegmentSlot[] = [];
  /** What stands in the instance's memory as its segment. */
  #loaded: SegmentSlot | undefined;
  #submitted = 0;
  /** Bytes of output that wait, once they make a piece. */
  #ready = 0;
  /** Whether the output in linear memory has been handed out. */
  #taken = false;
  /** The segment that was joined last. */
  #latest: SegmentSlot | undefined;
  #finished = false;
  /** Whether the event loop should have a turn, so that workers are heard. */
  #turnDue = false;
  readonly #encoded: Encoded = (slot, output, crc, thread) => {
    slot.keep(output, crc);
    this.#helpers.add(thread);
  };

  /** @throws CompressionLevelError @throws ThreadCountError @throws NotInitializedError */
  constructor(level: number, options: ThreadOptions) {
    this.#level = checkCompressionLevel(level);
    this.#workers = threadCount(options.threads ?? 1) - 1;
    this.#pool = this.#workers === 0 ? undefined : threadPool(options.createWorker);
    this.#instances = coreInstancesFor(this.#level);
    this.#instance = this.#instances.acquire();
    this.reset(this.#instance, this.#level);
    this.#current = new SegmentSlot(this.#instance.segment.length);
    this.#current.begin(undefined);
    this.stand(this.#instance, this.#current);
  }

  /** Begins a stream. */
  protected abstract reset(instance: CoreInstance, level: number): void;
  /** Is told of the input, in pieces as it comes. */
  protected abstract consumed(bytes: Uint8Array): void;
  /** Is told of each segment, in order, before it is encoded, and whether output in the instance has been taken. */
  protected abstract submitted(instance: CoreInstance, slot: SegmentSlot, taken: boolean): void;
  /** Is told that the output in the instance has been taken. */
  protected abstract dropped(instance: CoreInstance): void;
  /** Is told, before a checkpoint is made, that the output in the instance is that of the boundary and before. */
  protected abstract settled(instance: CoreInstance): void;
  /** Is told of the output, in order, and whether it was the last; it still stands in the instance. */
  protected abstract joined(instance: CoreInstance, output: Uint8Array, last: boolean): void;

  /** How many threads have taken part so far: the workers that encoded segments, and the one that calls. */
  get threads(): number {
    return 1 + this.#helpers.size;
  }

  update(chunk: Uint8Array, offset: number): number {
    const instance = this.open();
    checkChunk(chunk, offset);
    if (this.#finished)
      throw new MachineStateError("the stream is finished: make a new machine for the next one");
    if (this.#ready === 0) this.#relieve(instance, this.#limit - 1);
    while (offset < chunk.length && this.#ready === 0) {
      const end = Math.min(chunk.length, offset + this.#current.room);
      const piece = chunk.subarray(offset, end);
      this.#current.fill(piece);
      offset = end;
      if (this.#current.full) this.#submit(instance, false);
      this.consumed(piece);
      if (this.#turnDue || this.#queue.length >= this.#limit) break;
    }
    return offset;
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    const instance = this.open();
    if (this.#finished && this.#ready === 0) this.#relieve(instance, 0);
    if (this.#ready === 0) return undefined;
    const { exports, outputAddress } = instance;
    const view = new Uint8Array(exports.memory.buffer as ArrayBuffer, outputAddress, this.#ready);
    this.#ready = 0;
    this.#taken = true;
    if (this.#latest?.last === false) {
      this.boundary.keepStream(instance, (this.#queue[0] ?? this.#current).windowBytes);
      if (this.#latest.inputHash !== undefined) this.boundary.keepInputWords(this.#latest.inputHash);
    }
    return view;
  }

  /**
   * The state of the stream at the last segment boundary whose output has been handed out by `take` in full, as
   * {@link Gzip.checkpoint} has it: the value is the same for every number of threads.
   *
   * @returns undefined where the runtime's own hashes are used, whose state can't be saved
   * @throws MachineStateError after `release`
   */
  checkpoint(): Uint8Array<ArrayBuffer> | undefined {
    const instance = this.open();
    if (this.#taken && this.#latest?.last === false) this.settled(instance);
    return writeEncoderState(this.boundary.state);
  }

  pending(): Promise<void> | undefined {
    if (!this.#turnDue) return undefined;
    this.#turnDue = false;
    return this.#pool?.turn();
  }

  finish(): void {
    const instance = this.open();
    if (this.#finished) return;
    if (this.#ready > 0)
      throw new MachineStateError("output is ready: take it before the stream is finished");
    this.#finished = true;
    this.#current.last = true;
    this.#submit(instance, true);
  }

  release(): void {
    const instance = this.#instance;
    this.#instance = undefined;
    if (instance) this.#instances.release(instance);
    this.#leave();
    this.#queue.length = 0;
    this.#spare.length = 0;
  }

  /** The instance, while it is this object's. @throws MachineStateError */
  protected open(): CoreInstance {
    if (!this.#instance)
      throw new MachineStateError("the machine is released: make a new one for the next stream");
    return this.#instance;
  }

  /** Keeps the boundary at which the stream begins. */
  protected stand(instance: CoreInstance, first: SegmentSlot): void {
    this.boundary.keepStream(instance, first.windowBytes);
  }

  /** Goes behind the boundary of a state. To be called once, before anything else. */
  protected enter(state: EncoderState): void {
    const instance = this.open();
    enterState(instance, state);
    this.#current.beginBehind(state.window);
    this.stand(instance, this.#current);
  }

  /** Puts window and segment of a slot into the instance's memory, unless they stand there already. */
  protected load({ memory, segmentAddress }: CoreInstance, slot: SegmentSlot): void {
    if (this.#loaded === slot) return;
    memory.set(slot.input, segmentAddress - slot.window);
    this.#loaded = slot;
  }

  get #limit(): number {
    return IN_FLIGHT_PER_THREAD * (this.#workers + 1);
  }

  /** Sets the filled segment on its way. */
  #submit(instance: CoreInstance, last: boolean): void {
    const slot = this.#current;
    this.#queue.push(slot);
    this.#submitted++;
    if (!last) {
      this.#current = this.#spare.pop() ?? new SegmentSlot(instance.segment.length);
      this.#current.begin(slot);
    }
    const away = !last && this.#giveOut(slot);
    this.#loaded = undefined;
    this.submitted(instance, slot, this.#taken);
    this.#taken = false;
    if (!away) this.#encode(instance, slot);
    this.#join(instance);
    this.#turnDue = this.#pool?.expecting === true;
  }

  #giveOut(slot: SegmentSlot): boolean {
    const pool = this.#pool;
    if (pool === undefined) return false;
    if (!this.#joined && (pool.warm || this.#submitted >= WORTH_A_WORKER)) {
      this.#joined = true;
      pool.join(this.#workers);
    }
    pool.poll();
    return this.#joined && pool.dispatch(slot, this.#level, this.#workers, this.#encoded);
  }

  /** Encodes a segment on this thread. */
  #encode(instance: CoreInstance, slot: SegmentSlot): void {
    const { exports, memory, segmentAddress } = instance;
    const { window, length, last } = slot;
    this.load(instance, slot);
    const at = exports.gzipNext();
    const size = exports.segmentEncode(this.#level, window, length, last, at);
    const crc = exports.crc32(0, segmentAddress, length);
    if (slot === this.#queue[0]) this.#append(instance, slot, size, crc);
    else slot.keep(memory.subarray(at, at + size), crc);
  }

  /** Joins the segments that are encoded and whose turn it is, until they make a piece. */
  #join(instance: CoreInstance): void {
    const { exports, memory } = instance;
    this.#pool?.poll();
    for (let slot = this.#queue[0]; slot?.output !== undefined && this.#ready === 0; slot = this.#queue[0]) {
      memory.set(slot.output, exports.gzipNext());
      this.#append(instance, slot, slot.output.length, slot.crc);
    }
  }

  /** Takes the first segment in, whose output stands where it belongs. */
  #append(instance: CoreInstance, slot: SegmentSlot, size: number, crc: number): void {
    const { exports, memory, outputAddress, counters } = instance;
    const before = counters.getUint32(PENDING, true);
    const waiting = exports.gzipAppend(slot.length, size, crc, slot.last);
    this.#queue.shift();
    this.#spare.push(slot);
    this.#latest = slot;
    if (this.#loaded === slot) this.#loaded = undefined;
    this.joined(instance, memory.subarray(outputAddress + before, outputAddress + waiting), slot.last);
    if (waiting >= PIECE || slot.last) this.#ready = waiting;
    if (slot.last) this.#leave();
  }

  /** Goes on until no more than so many segments are under way, or output is ready. */
  #relieve(instance: CoreInstance, most: number): void {
    if (this.#queue.length <= most) return;
    if (this.#taken) this.dropped(instance);
    this.#taken = false;
    this.#join(instance);
    while (this.#ready === 0 && this.#queue.length > most) {
      const latest = this.#queue.findLast((slot) => slot.output === undefined);
      if (latest !== undefined) this.#encode(instance, latest);
      this.#join(instance);
      this.#turnDue = this.#pool?.expecting === true;
    }
  }

  #leave(): void {
    if (this.#joined) this.#pool?.leave(this.#encoded);
    this.#pool = undefined;
    this.#joined = false;
  }
}
