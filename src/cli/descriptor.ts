import { close, fstat, fsync, open, read, type Stats, write } from "node:fs";

/**
 * A file descriptor that bytes are read from or written to in order, one operation at a time. Unlike a `FileHandle` it
 * can stand for one that the process was started with.
 */
export class Descriptor {
  readonly fd: number;
  readonly #owned: boolean;
  #busy: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(fd: number, owned: boolean) {
    this.fd = fd;
    this.#owned = owned;
  }

  /** Takes a descriptor that belongs to the process, which {@link close} leaves open. */
  static inherited(fd: number): Descriptor {
    return new Descriptor(fd, false);
  }

  /**
   * Opens a file.
   *
   * @param flags of `node:fs`'s `constants`, or its letters
   * @param mode of a file that is made, before the process's umask
   * @throws the system's error
   */
  static async open(path: string, flags: number | string, mode = 0o666): Promise<Descriptor> {
    const fd = await new Promise<number>((resolve, reject) => {
      open(path, flags, mode, (error, opened) => (error === null ? resolve(opened) : reject(error)));
    });
    return new Descriptor(fd, true);
  }

  stat(): Promise<Stats> {
    return this.#operation((done) => fstat(this.fd, done));
  }

  /** Reads on into the buffer, and gives the number of bytes; 0 at the end. */
  read(buffer: Uint8Array): Promise<number> {
    return this.#operation((done) => read(this.fd, buffer, 0, buffer.byteLength, null, done));
  }

  /** Writes on, to the last byte: the system may take fewer at a time. The bytes must stay as they are until it is done. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.byteLength; ) {
      const length = bytes.byteLength - offset;
      offset += await this.#operation<number>((done) => write(this.fd, bytes, offset, length, null, done));
    }
  }

  /** Waits until the system has stored what was written. */
  async sync(): Promise<void> {
    await this.#operation<void>((done) => fsync(this.fd, (error) => done(error)));
  }

  /** Waits for the operation that is under way, and closes the descriptor if it was opened here. */
  close(): Promise<void> {
    this.#closing ??= this.#busy.then(() => (this.#owned ? closed(this.fd) : undefined));
    return this.#closing;
  }

  #operation<T>(start: (done: (error: NodeJS.ErrnoException | null, value?: T) => void) => void): Promise<T> {
    const operation = new Promise<T>((resolve, reject) => {
      start((error, value) => (error === null ? resolve(value as T) : reject(error)));
    });
    this.#busy = operation.catch(() => undefined);
    return operation;
  }
}

function closed(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    close(fd, (error) => (error == null ? resolve() : reject(error)));
  });
}
