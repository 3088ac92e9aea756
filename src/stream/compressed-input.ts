import { type Machine, OutputLimitError } from "../core/index.js";
import { checkMaxBytes } from "../core/inflater.js";
import {
  type Compression,
  compressionByName,
  detectCompression,
  type MediaType,
  NotComputedError,
  type ReadingOptions,
  readingMachine,
} from "../v1/index.js";
import { CompressedMachine } from "./compressed-machine.js";

/**
 * The compression of one layer whose source is compressed already: nothing is done to its bytes. Which one it is may
 * be known only when the first bytes have come.
 */
export class CompressedInput implements Compression {
  readonly #options: ReadingOptions;
  #found: Compression | undefined;

  /** @param given the source's compression, if the caller knows it; otherwise it is detected */
  constructor(given: Compression | undefined, options: ReadingOptions) {
    this.#found = given;
    this.#options = options;
  }

  get name(): string {
    return this.#compression("compression").name;
  }

  get defaultMediaType(): MediaType {
    return this.#compression("mediaType").defaultMediaType;
  }

  newMachine(): Machine {
    return new CompressedMachine((start) => {
      this.#found ??= compressionByName(detectCompression(start));
      const reader = readingMachine(this.#found, this.#options);
      return this.#found.name === "none" ? limited(reader, this.#options.maxBytes) : reader;
    });
  }

  newReadingMachine(options: ReadingOptions = {}): Machine {
    return readingMachine(this.#compression("uncompressed()"), { ...this.#options, ...options });
  }

  #compression(what: string): Compression {
    if (this.#found === undefined) throw new NotComputedError(what);
    return this.#found;
  }
}

/** Has a machine whose output is its input refuse more of it than is allowed. */
function limited(machine: Machine, maxBytes: number | undefined): Machine {
  const limit = checkMaxBytes(maxBytes);
  let bytes = 0;
  return {
    update(chunk, offset) {
      const next = machine.update(chunk, offset);
      bytes += next - offset;
      if (bytes > limit) {
        throw new OutputLimitError(limit, bytes);
      }
      return next;
    },
    take: () => machine.take(),
    finish: () => machine.finish(),
    result: () => machine.result(),
    release: () => machine.release(),
  };
}
