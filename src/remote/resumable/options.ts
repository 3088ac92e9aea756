import type { PushStore } from "./push-store.js";

/** How a push is made resumable. */
export interface ResumableOptions {
  /** Where the push keeps what it needs to go on. */
  readonly store: PushStore;
  /** What it is kept under: one for each layer that is pushed to one place. */
  readonly key: string;
  /**
   * Where in the whole input the layer's source begins, in bytes. By default it begins with the first byte, and what had been read before is
   * read again, hashed, and compared. A source that can't be had from there may begin at any byte up to the `sourceOffset` that {@link
   * savedPush} gives; then nobody verifies that it is the same source. A push that has to start over needs the first byte.
   */
  readonly sourceOffset?: number | undefined;
  /** Told that a push goes on where an earlier call ended, before anything is read. What it throws fails the push. */
  readonly onResume?: ((event: ResumeEvent) => unknown) | undefined;
  /**
   * Told that a push can't go on where an earlier call ended, and starts over in a new upload, before anything is read. What it throws fails
   * the push.
   */
  readonly onRestart?: ((event: RestartEvent) => unknown) | undefined;
}

/** Where a push goes on. */
export interface ResumeEvent {
  /** Compressed bytes that the registry has, which are not sent again. */
  readonly stored: number;
  /** Where in the input compressing goes on: what comes before is read only to be compared. 0 for a layer that knows its digest. */
  readonly inputOffset: number;
}

/** Why a push starts over. */
export interface RestartEvent {
  /**
   * `"unknown-upload"`: the registry has forgotten the upload; `"behind"`: it has less of it than what can be gone on with; `"unreachable"`:
   * it had led to another host, which is gone or lets nobody in any more.
   */
  readonly reason: "unknown-upload" | "behind" | "unreachable";
  /** Compressed bytes that the registry had confirmed. */
  readonly acknowledged: number;
  /** Compressed bytes that it has now, as far as that can be known. */
  readonly stored: number;
}
