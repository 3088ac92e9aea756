import { init } from "./init.js";
import type { Encoder } from "./machine.js";

const NOTHING: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

/** Both ends of a transformation of bytes, as `pipeThrough` takes them. */
export interface ByteStreamPair {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<ArrayBuffer | ArrayBufferView>;
}

/** A promise with its two ends. */
interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

function defer(): Deferred {
  let resolve: () => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** The very bytes of what was written. @throws TypeError if they aren't bytes */
function viewOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (Object.prototype.toString.call(chunk) === "[object ArrayBuffer]")
    return new Uint8Array(chunk as ArrayBuffer);
  throw new TypeError("a chunk that was written is neither a Uint8Array nor another buffer source");
}

/**
 * A machine between two Web streams. It works when the reader pulls, and only until it has a piece: a written chunk
 * waits, and with it the writer, until the machine has used it up. A `TransformStream` could not do that, for it must
 * hand on all that a chunk makes at once.
 */
export class MachineStream implements ByteStreamPair {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<ArrayBuffer | ArrayBufferView>;
  readonly #make: () => Encoder;
  #machine: Encoder | undefined;
  #reading: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #writing: WritableStreamDefaultController | undefined;
  /** The chunk that is being used, how far, and whom to tell when it is used up. */
  #chunk: Uint8Array | undefined;
  #offset = 0;
  #used: Deferred | undefined;
  /** Set when the writer has closed: told when the machine has finished. */
  #closed: Deferred | undefined;
  /** Resolved when there is something to do again. */
  #awaited: Deferred | undefined;
  #ended = false;

  /** @param make makes the machine; called once, when the core is loaded and the first chunk or the end has come */
  constructor(make: () => Encoder) {
    this.#make = make;
    this.readable = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          this.#reading = controller;
        },
        pull: () => this.#pull(),
        cancel: (reason: unknown) => {
          this.#end();
          this.#writing?.error(reason);
          this.#settle(reason);
        },
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream<ArrayBuffer | ArrayBufferView>({
      start: (controller) => {
        this.#writing = controller;
        // The sink's own `abort` is called only when a write that is under way has been settled.
        controller.signal?.addEventListener("abort", () => this.#fail(controller.signal.reason));
      },
      write: (chunk) => {
        try {
          this.#chunk = viewOf(chunk);
        } catch (error) {
          this.#fail(error);
          throw error;
        }
        this.#offset = 0;
        return this.#wait("used");
      },
      close: () => this.#wait("closed"),
      abort: (reason: unknown) => this.#fail(reason),
    });
  }

  /** Something has come from the writer; the promise is for when it has been dealt with. */
  #wait(what: "used" | "closed"): Promise<void> {
    const deferred = defer();
    if (what === "used") this.#used = deferred;
    else this.#closed = deferred;
    this.#awaited?.resolve();
    return deferred.promise;
  }

  /** Makes one piece, or comes to the end. */
  async #pull(): Promise<void> {
    try {
      while (!this.#ended) {
        if (this.#chunk === undefined && this.#closed === undefined) {
          this.#awaited = defer();
          await this.#awaited.promise;
          continue;
        }
        if (this.#machine === undefined) {
          await init();
          if (this.#ended) return;
          this.#machine = this.#make();
        }
        const hearing = this.#machine.pending?.();
        if (hearing !== undefined) {
          await hearing;
          continue;
        }
        if (this.#advance(this.#machine)) return;
      }
    } catch (error) {
      this.#end();
      this.#writing?.error(error);
      this.#settle(error);
      throw error;
    }
  }

  /** Feeds the machine; true when a piece has been handed on, or the end. */
  #advance(machine: Encoder): boolean {
    if (this.#chunk !== undefined) {
      this.#offset = machine.update(this.#chunk, this.#offset);
      const view = machine.take();
      if (view !== undefined) this.#reading?.enqueue(view.slice());
      if (this.#offset >= this.#chunk.length) {
        // A machine that has found a fault says so now, not when the next chunk comes.
        if (view !== undefined) machine.update(NOTHING, 0);
        this.#chunk = undefined;
        this.#used?.resolve();
      }
      return view !== undefined;
    }
    machine.finish();
    const view = machine.take();
    if (view !== undefined) {
      this.#reading?.enqueue(view.slice());
      return true;
    }
    this.#end();
    this.#reading?.close();
    this.#closed?.resolve();
    return true;
  }

  /** No more work: the machine goes back. */
  #end(): void {
    this.#ended = true;
    this.#machine?.release();
    this.#machine = undefined;
    this.#chunk = undefined;
    this.#awaited?.resolve();
  }

  /** The writer's side has failed: nothing more comes, and the reader hears why. */
  #fail(reason: unknown): void {
    if (this.#ended) return;
    this.#end();
    this.#reading?.error(reason);
    this.#settle(reason);
  }

  /** Whoever still waits hears why nothing comes. */
  #settle(reason: unknown): void {
    this.#used?.reject(reason);
    this.#closed?.reject(reason);
  }
}
