import type { Descriptor } from "./descriptor.js";
import type { Output } from "./output.js";
import { OutputError } from "./output-error.js";

/** What was there before and takes bytes as they come: a device, or a file that the shell opened. */
export class DirectOutput implements Output {
  readonly #name: string;
  readonly #file: Descriptor;

  constructor(name: string, file: Descriptor) {
    this.#name = name;
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#file.write(bytes);
    } catch (error) {
      throw new OutputError(this.#name, error);
    }
  }

  async commit(): Promise<void> {
    try {
      await this.#file.close();
    } catch (error) {
      throw new OutputError(this.#name, error);
    }
  }

  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }
}
