import { Breather } from "../bytes/breather.js";
import { sameBytes } from "../bytes/same-bytes.js";
import { checkpointInputHash, describeCheckpoint, Sha256 } from "../core/index.js";
import { SourceChangedError } from "./errors.js";
import type { SourceReader } from "./source/source.js";

/**
 * A source of which only what follows a checkpoint is wanted. What stands before is read at the first demand; if it is all that the
 * checkpoint was taken of, its hash is compared, so that nothing is ever made of one half of a source and another half of another.
 */
export class ResumedSource implements SourceReader {
  readonly #source: SourceReader;
  readonly #checkpoint: Uint8Array;
  readonly #offset: number;
  #skipped = false;
  #closed = false;

  /** @param offset where in the whole input the source begins; what it gives is verified if that is 0 */
  constructor(source: SourceReader, checkpoint: Uint8Array, offset: number) {
    this.#source = source;
    this.#checkpoint = checkpoint;
    this.#offset = offset;
  }

  /** @throws {SourceChangedError} if the source ends too soon, or the bytes before the checkpoint are other ones */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    return this.#skipped ? this.#source.read() : this.#skip();
  }

  close(reason: unknown): Promise<void> {
    this.#closed = true;
    return this.#source.close(reason);
  }

  /** Reads what stands before the checkpoint, and gives what follows of the chunk in which it ends. */
  async #skip(): Promise<Uint8Array | undefined> {
    const { inputOffset } = describeCheckpoint(this.#checkpoint);
    const hash = new Sha256();
    const breather = new Breather();
    let rest: Uint8Array | undefined = new Uint8Array(0);
    try {
      let at = this.#offset;
      while (at < inputOffset) {
        if (breather.due) {
          await breather.breathe();
        }
        const chunk = this.#closed ? undefined : await this.#source.read();
        if (this.#closed) {
          return undefined;
        }
        if (chunk === undefined) {
          throw new SourceChangedError(`it ends after ${at} bytes, and ${inputOffset} had been read`);
        }
        const taken = Math.min(chunk.byteLength, inputOffset - at);
        hash.update(chunk.subarray(0, taken));
        rest = chunk.subarray(taken);
        at += taken;
        breather.count(taken);
      }
      if (this.#offset === 0 && !sameBytes(hash.save(), checkpointInputHash(this.#checkpoint))) {
        throw new SourceChangedError(`its first ${inputOffset} bytes are other ones`);
      }
    } finally {
      hash.digest();
    }
    this.#skipped = true;
    return rest;
  }
}
