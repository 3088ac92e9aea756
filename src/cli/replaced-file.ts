import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { chmod, realpath, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Descriptor } from "./descriptor.js";
import type { Output } from "./output.js";
import { OutputError } from "./output-error.js";

const PERMISSIONS = 0o7777;

/**
 * A file that gets its name when it is complete: until then it is a hidden one beside it, which goes if the process ends before
 * that, except by a signal that no process can see or with the power. A file that had the name before keeps it, and its content,
 * until then; its permissions are kept, and a symbolic link to it stays one.
 */
export class ReplacedFile implements Output {
  readonly #name: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #file: Descriptor;
  readonly #mode: number | undefined;
  readonly #remove = (): void => rmSync(this.#temporary, { force: true });

  private constructor(name: string, target: string, temporary: string, file: Descriptor, mode?: number) {
    this.#name = name;
    this.#target = target;
    this.#temporary = temporary;
    this.#file = file;
    this.#mode = mode;
    process.once("exit", this.#remove);
  }

  /**
   * Makes the hidden file.
   *
   * @param name of the file to come, as the user gave it
   * @param mode of the file that has the name now; undefined if there is none
   * @throws the system's error
   */
  static async create(name: string, mode?: number): Promise<ReplacedFile> {
    const target = mode === undefined ? name : await realpath(name);
    const temporary = join(dirname(target), `.varve-${randomUUID()}`);
    return new ReplacedFile(name, target, temporary, await Descriptor.open(temporary, "wx"), mode);
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#file.write(bytes);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  async commit(): Promise<void> {
    try {
      await this.#file.sync();
      await this.#file.close();
      if (this.#mode !== undefined) {
        await chmod(this.#temporary, this.#mode & PERMISSIONS);
      }
      await rename(this.#temporary, this.#target);
    } catch (error) {
      throw this.#explained(error);
    }
    process.removeListener("exit", this.#remove);
  }

  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    this.#remove();
    process.removeListener("exit", this.#remove);
  }

  #explained(error: unknown): OutputError {
    const consequence = this.#mode === undefined ? "no file was left behind" : "the file is as it was before";
    return new OutputError(this.#name, error, consequence);
  }
}
