import * as host from "#host";
import { coreModule } from "../core-instance.js";
import type { CreateWorker, Host } from "../host/host.js";
import { PoolThread } from "./pool-thread.js";
import { type SegmentReply, WINDOW_ROOM } from "./protocol.js";
import type { SegmentSlot } from "./segment-slot.js";

/**
 * Segments that a thread has at a time: one that it works on, and two so that it never waits for the main thread, which
 * may be busy with a segment of its own.
 */
const QUEUE = 3;

/** How long threads are kept that nobody uses: starting one costs 60 milliseconds, keeping one some 10 MiB. */
const IDLE_MILLISECONDS = 10_000;

/** Is told that a thread has encoded a slot. */
export type Encoded = (slot: SegmentSlot, output: Uint8Array, crc: number, thread: object) => void;

interface Job {
  readonly slot: SegmentSlot;
  /** Which segment the slot held then. */
  readonly serial: number;
  readonly encoded: Encoded;
}

/**
 * The threads that all encoders of one kind of worker share. Encoders join it and leave it; when nobody has used it for
 * a while, its workers are terminated, and none of them keeps the process running in the meantime.
 *
 * Nothing depends on a thread: one that can't be started, is lost, or is slow only leaves more to the main thread.
 */
export class ThreadPool {
  readonly #createWorker: CreateWorker;
  readonly #host: Pick<Host, "receiveMessage" | "later">;
  #threads: PoolThread[] = [];
  readonly #jobs: Map<number, Job> = new Map();
  readonly #buffers: ArrayBuffer[] = [];
  #nextId = 0;
  #members = 0;
  /** Whether a worker failed before it was ready: then others would, too. */
  #broken = false;
  #stayAlive: (() => void) | undefined;

  /** @param rest of what the runtime supplies, if not the host's own */
  constructor(createWorker: CreateWorker, rest: Pick<Host, "receiveMessage" | "later"> = host) {
    this.#createWorker = createWorker;
    this.#host = rest;
  }

  /** Whether it has threads already, so that using them costs nothing. */
  get warm(): boolean {
    return this.#threads.length > 0;
  }

  /** How many workers there are. */
  get size(): number {
    return this.#threads.length;
  }

  /** Counts its caller in, and starts workers until there are so many. */
  join(workers: number): void {
    this.#members++;
    this.#stayAlive?.();
    this.#stayAlive = undefined;
    while (this.#threads.length < workers && !this.#broken) this.#start();
  }

  /** Counts its caller out. What it has asked for and not got is forgotten. */
  leave(encoded: Encoded): void {
    this.#members--;
    for (const [id, job] of this.#jobs) {
      if (job.encoded === encoded) this.#jobs.delete(id);
    }
    if (this.#members === 0) this.#stayAlive = this.#host.later(() => this.#terminate(), IDLE_MILLISECONDS);
  }

  /**
   * Has one of the first `workers` threads encode a slot, whose input is copied, if one has room in its queue.
   *
   * @returns whether one had
   */
  dispatch(slot: SegmentSlot, level: number, workers: number, encoded: Encoded): boolean {
    let chosen: PoolThread | undefined;
    for (const thread of this.#threads.slice(0, workers)) {
      if (thread.ready && thread.load < (chosen?.load ?? QUEUE)) chosen = thread;
    }
    if (chosen === undefined) return false;
    const { input, window, length } = slot;
    const buffer = this.#buffers.pop() ?? new ArrayBuffer(WINDOW_ROOM + length);
    new Uint8Array(buffer).set(input, WINDOW_ROOM - window);
    const id = this.#nextId++;
    this.#jobs.set(id, { slot, serial: slot.serial, encoded });
    chosen.post({ id, level, window, length, buffer });
    return true;
  }

  /** Lets replies in that have come, where that needs no turn of the event loop. */
  poll(): void {
    for (const thread of [...this.#threads]) thread.poll();
  }

  /** Whether messages are to come, by events. */
  get expecting(): boolean {
    return this.#host.receiveMessage === undefined && this.#threads.some((thread) => thread.owes);
  }

  /** A turn of the event loop, in which messages come in. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    });
  }

  replied(thread: PoolThread, { id, size, crc, buffer }: SegmentReply): void {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    // The main thread may have encoded the segment in the meantime, and even have filled the slot anew.
    const wanted = job !== undefined && job.slot.serial === job.serial && job.slot.output === undefined;
    if (wanted && size >= 0) job.encoded(job.slot, new Uint8Array(buffer, 0, size), crc, thread);
    if (this.#buffers.length < QUEUE * this.#threads.length) this.#buffers.push(buffer);
  }

  lost(thread: PoolThread, begun: boolean): void {
    this.#threads = this.#threads.filter((each) => each !== thread);
    if (!begun) this.#broken = true;
  }

  #start(): void {
    try {
      const { receiveMessage } = this.#host;
      this.#threads.push(new PoolThread(this.#createWorker(), coreModule(), receiveMessage, this));
    } catch {
      this.#broken = true;
    }
  }

  #terminate(): void {
    // Whatever kept workers from starting may be over when someone comes again.
    this.#broken = false;
    for (const thread of this.#threads.splice(0)) thread.terminate();
    this.#jobs.clear();
    this.#buffers.length = 0;
  }
}

const pools = /* @__PURE__ */ new WeakMap<CreateWorker, ThreadPool>();

/** The one pool of these workers, or of the host's own; undefined where there are none. */
export function threadPool(
  createWorker: CreateWorker | undefined = host.createWorker,
): ThreadPool | undefined {
  if (createWorker === undefined) return undefined;
  let pool = pools.get(createWorker);
  if (pool === undefined) {
    pool = new ThreadPool(createWorker);
    pools.set(createWorker, pool);
  }
  return pool;
}
