import type { Encoder } from "../core/index.js";
import { Breather } from "./breather.js";
import { ChunkReader } from "./chunk-reader.js";
import type { ChunkSource, ReadingContext } from "./chunk-source.js";
import { Feed } from "./feed.js";
import { readableOf } from "./readable.js";

/** How a machine is driven. */
export interface ThroughMachineOptions extends ReadingContext {
  /**
   * Whether output that is ready waits for more, as far as the machine has room for it. Machines that decompress give what
   * they have, however little; with this their pieces are full. Default: false.
   */
  readonly fullPieces?: boolean | undefined;
  /** Called when all has come out, before the stream says that it is done; what it throws fails the stream. */
  readonly onEnd?: (() => void) | undefined;
}

/**
 * Sends a stream's bytes through a machine. Each pull of the result reads from the stream until the machine has a piece, which
 * is copied into a buffer of its own. However it ends, the machine is released and the stream closed, each once.
 *
 * @param machine made for this stream; it is released here
 * @throws {TypeError} at the call, if the stream is locked; the machine is then released
 */
export function throughMachine(
  stream: ReadableStream<Uint8Array>,
  machine: Encoder,
  options: ThroughMachineOptions = {},
): ReadableStream<Uint8Array> {
  try {
    return readableOf(new MachineSource(new ChunkReader(stream), machine, options), options);
  } catch (error) {
    machine.release();
    throw error;
  }
}

class MachineSource implements ChunkSource {
  readonly #reader: ChunkReader;
  readonly #machine: Encoder;
  readonly #fullPieces: boolean;
  readonly #onEnd: () => void;
  readonly #feed: Feed = new Feed();
  readonly #breather: Breather = new Breather();
  #inputEnded = false;
  #finished = false;
  #closed = false;

  constructor(reader: ChunkReader, machine: Encoder, { fullPieces, onEnd }: ThroughMachineOptions) {
    this.#reader = reader;
    this.#machine = machine;
    this.#fullPieces = fullPieces ?? false;
    this.#onEnd = onEnd ?? (() => undefined);
  }

  async next(): Promise<Uint8Array | undefined> {
    while (!this.#closed) {
      const hearing = this.#machine.pending?.();
      if (hearing !== undefined) {
        await hearing;
        if (this.#closed) break;
      }
      if (this.#breather.due) {
        await this.#breather.breathe();
        if (this.#closed) break;
      }
      const view = this.#work();
      if (view !== undefined) {
        return view.slice();
      }
      if (this.#finished) {
        this.#onEnd();
        return undefined;
      }
      if (this.#feed.empty && !this.#inputEnded) {
        await this.#refill();
      }
    }
    return undefined;
  }

  async close(reason: unknown): Promise<void> {
    this.#closed = true;
    this.#feed.clear();
    this.#machine.release();
    await this.#reader.close(reason);
  }

  /** One step with what is at hand, and the output that is to be handed out now. */
  #work(): Uint8Array | undefined {
    if (!this.#feed.empty) {
      const fed = this.#feed.advance(this.#machine);
      this.#breather.count(fed);
      return fed > 0 && this.#fullPieces ? undefined : this.#machine.take();
    }
    if (!this.#inputEnded) {
      return this.#fullPieces ? undefined : this.#machine.take();
    }
    const waiting = this.#machine.take();
    if (waiting !== undefined || this.#finished) {
      return waiting;
    }
    this.#machine.finish();
    this.#finished = true;
    return this.#machine.take();
  }

  async #refill(): Promise<void> {
    const chunk = await this.#reader.next();
    if (chunk === undefined) {
      this.#inputEnded = true;
    } else if (!this.#closed) {
      this.#feed.load(chunk);
    }
  }
}
