import { VarveError } from "../../core/error.js";
import { messageOf } from "../../core/message.js";
import { printable } from "../transport/printable.js";

/**
 * A layer could not be read to its end while it was being uploaded. `cause` is the failure itself. Its `code` is
 * `ERR_VARVE_LAYER_READ`.
 */
export class LayerReadError extends VarveError {
  override readonly name = "LayerReadError";

  /** @param sent compressed bytes that had been read before */
  constructor(sent: number, cause: unknown) {
    super(
      "ERR_VARVE_LAYER_READ",
      `the layer could not be read on after ${sent} compressed bytes (${printable(messageOf(cause), 256)}); nothing was written to the registry`,
      { cause },
    );
  }
}

/**
 * A layer's stream as the body of a request. It stands between the two because a runtime cannot be relied on with the layer: undici
 * reads a request's body on to its end after the request has failed or been answered; Bun and Deno cancel it, but without the reason.
 * So the runtime only pulls, and whoever made the request ends the layer, with the reason, by {@link release}.
 */
export class UploadBody {
  /** What to give to `fetch`; reads nothing ahead. */
  readonly stream: ReadableStream<Uint8Array>;
  /** Rejects if the layer cannot be read; never resolves. */
  readonly failed: Promise<never>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #onPiece: (bytes: number) => void;
  #fail!: (reason: unknown) => void;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #sent = 0;
  #ended = false;
  #halted = false;

  /** @param onPiece told the length of each piece before it is handed on; what it throws is the body's failure */
  constructor(source: ReadableStream<Uint8Array>, onPiece: (bytes: number) => void) {
    this.#reader = source.getReader();
    this.#onPiece = onPiece;
    this.failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.halt(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Whether the runtime has taken the layer to its end. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Compressed bytes that the runtime has taken. */
  get sent(): number {
    return this.#sent;
  }

  /** Reads no further. The layer stays open, and the runtime waits. */
  halt(): void {
    this.#halted = true;
  }

  /** Ends the layer and the body, both with the reason, unless they have ended; settles as the layer's own cancelling does. */
  async release(reason: unknown): Promise<void> {
    this.halt();
    const cancelled = this.#reader.cancel(reason);
    this.#controller.error(reason);
    await cancelled;
  }

  async #pull(): Promise<void> {
    try {
      const piece = await this.#nextPiece();
      if (this.#halted) {
        return;
      }
      if (piece === undefined) {
        this.#ended = true;
        this.#controller.close();
        return;
      }
      this.#sent += piece.byteLength;
      this.#onPiece(piece.byteLength);
      this.#controller.enqueue(piece);
    } catch (error) {
      this.halt();
      this.#fail(error);
    }
  }

  /** The next piece that has any bytes: an empty one would end a body that is sent in chunks (RFC 9112, section 7.1). */
  async #nextPiece(): Promise<Uint8Array | undefined> {
    for (;;) {
      const { done, value } = await this.#read();
      if (done || value.byteLength > 0) {
        return value;
      }
    }
  }

  async #read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      return await this.#reader.read();
    } catch (error) {
      throw error instanceof VarveError ? error : new LayerReadError(this.#sent, error);
    }
  }
}
