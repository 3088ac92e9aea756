import type { EncoderState, LayerHashes } from "./checkpoint/encoder-state.js";
import type { CoreInstance } from "./core-instance.js";
import { readHashWords, writeHashWords } from "./hash-words.js";
import {
  CARRY,
  CRC32,
  HASHED,
  INPUT_TOTAL,
  LEVEL,
  OUTPUT_TOTAL,
  PENDING,
  WINDOW_LENGTH,
} from "./stream-counters.js";

/**
 * A segment boundary, kept while the machine goes on. The machine writes over its state with each segment, so what a
 * checkpoint of the boundary needs is copied out before the next one: once for each piece of output, 32 KiB into the
 * same buffer every time.
 */
export class Boundary {
  #level = 0;
  #inputOffset = 0;
  #outputOffset = 0;
  #crc32 = 0;
  #window: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #inputHash: Uint8Array | undefined;
  #outputHash: Pick<LayerHashes, "output" | "outputTail"> | undefined;

  /**
   * Keeps the counters and the window, as they stand between two segments.
   *
   * @param window the bytes before the boundary, where it isn't the instance that has them
   */
  keepStream({ counters, window: own }: CoreInstance, window?: Uint8Array): void {
    this.#level = counters.getInt32(LEVEL, true);
    this.#inputOffset = Number(counters.getBigUint64(INPUT_TOTAL, true));
    this.#outputOffset = Number(counters.getBigUint64(OUTPUT_TOTAL, true));
    this.#crc32 = counters.getUint32(CRC32, true);
    const bytes = window ?? own.subarray(0, counters.getUint32(WINDOW_LENGTH, true));
    if (this.#window.length !== bytes.length) this.#window = new Uint8Array(bytes.length);
    this.#window.set(bytes);
  }

  /** Keeps the hash of the input: to be called before the next segment is hashed. */
  keepInputHash({ inputState }: CoreInstance): void {
    this.#inputHash = readHashWords(inputState);
  }

  /** Keeps the hash of the input, where it had been read when the boundary was hashed. */
  keepInputWords(words: Uint8Array): void {
    this.#inputHash = words;
  }

  /** Keeps the hash of the output: to be called when all that waits is hashed, but before it is dropped. */
  keepOutputHash({ counters, outputState, memory, outputAddress }: CoreInstance): void {
    const pending = counters.getUint32(PENDING, true);
    const rest = counters.getUint32(CARRY, true) + pending - counters.getUint32(HASHED, true);
    const end = outputAddress + pending;
    this.#outputHash = {
      output: readHashWords(outputState),
      outputTail: memory.slice(end - rest, end),
    };
  }

  /** The state that was kept. Its window is the buffer that the next one goes to. */
  get state(): EncoderState {
    return {
      level: this.#level,
      inputOffset: this.#inputOffset,
      outputOffset: this.#outputOffset,
      crc32: this.#crc32,
      window: this.#window,
      hashes: this.#inputHash && this.#outputHash && { input: this.#inputHash, ...this.#outputHash },
    };
  }
}

/** Puts a stream that has just been begun, at the state's level, behind the state's boundary. */
export function enterState(instance: CoreInstance, state: EncoderState): void {
  const { counters, window, inputState, outputState, memory, outputAddress } = instance;
  counters.setBigUint64(INPUT_TOTAL, BigInt(state.inputOffset), true);
  counters.setBigUint64(OUTPUT_TOTAL, BigInt(state.outputOffset), true);
  counters.setUint32(CRC32, state.crc32, true);
  counters.setUint32(WINDOW_LENGTH, state.window.length, true);
  window.set(state.window);
  if (!state.hashes) return;
  const { input, output, outputTail } = state.hashes;
  writeHashWords(inputState, input);
  writeHashWords(outputState, output);
  counters.setUint32(CARRY, outputTail.length, true);
  memory.set(outputTail, outputAddress - outputTail.length);
}
