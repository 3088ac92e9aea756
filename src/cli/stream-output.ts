import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { Output } from "./output.js";
import { OutputError } from "./output-error.js";

/** A pipe, or a socket. */
export class StreamOutput implements Output {
  readonly #name: string;
  readonly #stream: Writable;

  constructor(name: string, stream: Writable) {
    this.#name = name;
    this.#stream = stream;
    // The failed write tells of it; an event without a listener would end the process.
    stream.on("error", () => undefined);
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (error) => {
        if (error) {
          reject(new OutputError(this.#name, error));
        } else {
          resolve();
        }
      });
    });
  }

  async commit(): Promise<void> {
    if (this.#stream === process.stdout) {
      return;
    }
    this.#stream.end();
    try {
      await finished(this.#stream);
    } catch (error) {
      throw new OutputError(this.#name, error);
    }
  }

  async discard(): Promise<void> {
    this.#stream.destroy();
  }
}
