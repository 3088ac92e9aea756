import { RefusalError } from "./refusal.js";

/**
 * Holds an upload to the shortest chunk that its registry takes (OCI distribution-spec v1.1, "Pushing a blob in chunks",
 * `OCI-Chunk-Min-Length`): one that is shorter must be the last. A chunk that broke off counts together with the rest that is sent
 * after it.
 */
export class ChunkLengths {
  /** Where the chunk begins that is on its way, or comes next. */
  #start = 0;
  #wasShort = false;

  /** @throws {RefusalError} 400 SIZE_INVALID if a chunk was too short to have another one after it */
  requireNext(shortest: number): void {
    if (!this.#wasShort) return;
    throw new RefusalError(
      400,
      "SIZE_INVALID",
      `a chunk of this upload was shorter than the ${shortest} bytes that OCI-Chunk-Min-Length asks for, so it is the last; finish the upload or start a new one`,
      { detail: { minimum: shortest } },
    );
  }

  /** @param held bytes that the upload holds at the end of a chunk that was taken whole */
  end(held: number, shortest: number): void {
    this.#wasShort = held - this.#start < shortest;
    this.#start = held;
  }
}
