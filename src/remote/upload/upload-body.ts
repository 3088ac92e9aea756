import type { LayerPieces } from "./layer-pieces.js";

/**
 * A layer's stream as the body of a request. It stands between the two because a runtime cannot be relied on with the layer: undici
 * reads a request's body on to its end after the request has failed or been answered; Bun and Deno cancel it, but without the reason.
 * So the runtime only pulls, and whoever opened the layer ends it, with the reason; or gives what was not taken to another body.
 */
export class UploadBody {
  /** What to give to `fetch`; reads nothing ahead. */
  readonly stream: ReadableStream<Uint8Array>;
  /** Rejects if the layer cannot be read; never resolves. */
  readonly failed: Promise<never>;
  readonly #pieces: LayerPieces;
  readonly #onPiece: (bytes: number) => void;
  readonly #expected: number | undefined;
  #fail!: (reason: unknown) => void;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #sent = 0;
  #reading: Promise<Uint8Array | undefined> | undefined;
  #ended = false;
  #halted = false;
  /** Whether the body can be closed. */
  #open = true;

  /**
   * @param pieces the layer, not read from by anyone else until this body is let go
   * @param onPiece told the length of each piece before it is handed on; what it throws is the body's failure
   * @param expected bytes in all; undefined if that is not known
   */
  constructor(pieces: LayerPieces, onPiece: (bytes: number) => void, expected?: number) {
    this.#pieces = pieces;
    this.#onPiece = onPiece;
    this.#expected = expected;
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
        cancel: () => {
          this.#open = false;
          this.halt();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Whether the runtime has taken the layer to its end; or all of its bytes, if it was known how many there are: then it need not ask for more. */
  get complete(): boolean {
    return this.#ended || this.#sent === this.#expected;
  }

  /** Compressed bytes that the runtime has taken. */
  get sent(): number {
    return this.#sent;
  }

  /**
   * Reads what has been sent whole to its end, which the runtime need not have asked for: a layer may find only there that it is another one
   * than it should be.
   *
   * @throws what the layer fails with
   */
  async finish(): Promise<void> {
    while (!this.#ended) {
      this.#ended = (await (this.#reading ?? this.#pieces.next())) === undefined;
    }
  }

  /** Reads no further. The layer stays open, and the runtime waits. */
  halt(): void {
    this.#halted = true;
  }

  /** Ends the body as if there were no more, so that its request comes to its end, and leaves the layer where it is. */
  cutShort(): void {
    this.halt();
    if (this.#open) {
      this.#open = false;
      this.#controller.close();
    }
  }

  /** Ends the body with the reason, unless it has ended, and leaves the layer where it is. */
  letGo(reason: unknown): void {
    this.halt();
    this.#controller.error(reason);
  }

  async #pull(): Promise<void> {
    try {
      this.#reading = this.#pieces.peek();
      const piece = await this.#reading;
      if (this.#halted) {
        return;
      }
      this.#pieces.take();
      if (piece === undefined) {
        this.#ended = true;
        this.#open = false;
        this.#controller.close();
        return;
      }
      this.#sent += piece.byteLength;
      this.#onPiece(piece.byteLength);
      this.#controller.enqueue(piece);
    } catch (error) {
      this.halt();
      this.#fail(error);
    } finally {
      this.#reading = undefined;
    }
  }
}
