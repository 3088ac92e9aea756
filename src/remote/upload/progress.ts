/** How far the writing of one layer has come. */
export interface UploadProgress {
  /** What is being written: the blob's digest if that is known beforehand, else a name such as `"stream-1"`, unique in this process. */
  readonly scope: string;
  /**
   * `"checking"` whether the registry has the blob; `"opening"` an upload; `"uploading"`, once for each piece; `"committing"`;
   * and at the end `"done"`, or `"existing"` or `"mounted"` if there was nothing to send. After a failure there is no further event.
   */
  readonly phase: "checking" | "opening" | "uploading" | "committing" | "done" | "existing" | "mounted";
  /**
   * Compressed bytes that were sent in this attempt: those that were handed to the runtime, a little more than have left the machine, or, in
   * chunks, those that the registry has confirmed. Never becomes less within an attempt.
   */
  readonly sent: number;
  /** Compressed bytes in all; absent for a stream until it has ended. */
  readonly total?: number;
  /** Counts the tries to write this blob, from 1; each of them begins with nothing sent. */
  readonly attempt: number;
}

/** Takes events as they happen. What it returns is ignored; what it throws fails the operation. */
export type UploadProgressListener = (event: UploadProgress) => unknown;

let streams = 0;

/** Tells a listener, if there is one, how one layer gets on. */
export class ProgressReport {
  readonly #listener: UploadProgressListener | undefined;
  readonly #scope: string;
  #total: number | undefined;
  #sent = 0;
  #attempt = 1;

  /** @param known what is known of the blob beforehand; nothing for a stream */
  constructor(
    listener: UploadProgressListener | undefined,
    known: { digest: unknown; size: number } | undefined,
  ) {
    this.#listener = listener;
    this.#scope = known === undefined ? `stream-${++streams}` : String(known.digest);
    this.#total = known?.size;
  }

  /** A new try is made, which sends from the beginning. */
  begin(attempt: number): void {
    this.#attempt = attempt;
    this.#sent = 0;
  }

  enter(phase: UploadProgress["phase"]): void {
    this.#listener?.({
      scope: this.#scope,
      phase,
      sent: this.#sent,
      ...(this.#total !== undefined ? { total: this.#total } : {}),
      attempt: this.#attempt,
    });
  }

  send(bytes: number): void {
    this.#sent += bytes;
    this.enter("uploading");
  }

  /** All has been sent: from now on the total is known, whatever the layer is. */
  end(): void {
    this.#total = this.#sent;
  }
}
