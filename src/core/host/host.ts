/**
 * What a runtime must supply beyond the web's standards. `#host` is one of the modules beside this one, by the conditions
 * of package.json, and each exports the members of {@link Host}.
 */

/** A SHA-256 of the runtime's own. */
export interface NativeHash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/**
 * A worker that runs `varve/worker`: a `Worker` of the web, or one of `node:worker_threads`. What is listed is all that is
 * asked of it.
 */
export interface WorkerLike {
  postMessage(message: unknown, transfer: MessagePort[]): void;
  terminate(): unknown;
  /** How the web's workers tell of a failure. */
  addEventListener?(type: "error", listener: (event: { preventDefault?(): void }) => void): void;
  /** How those of `node:worker_threads` do. */
  on?(event: "error" | "exit", listener: () => void): unknown;
  /** Lets the process end while the worker waits. */
  unref?(): void;
}

/** Makes a worker that runs `varve/worker`. It is called when a thread is needed, and may throw where there are none. */
export type CreateWorker = () => WorkerLike;

export interface Host {
  /** Undefined where the runtime has no synchronous SHA-256. */
  newNativeSha256(): NativeHash | undefined;
  /** Undefined where the runtime has no workers. */
  readonly createWorker: CreateWorker | undefined;
  /** How many threads run at the same time here, at least 1. */
  availableThreads(): number;
  /** Takes a message that has come, without waiting; undefined where messages come by events alone. */
  readonly receiveMessage: ((port: MessagePort) => { readonly message: unknown } | undefined) | undefined;
  /** Settles after a turn of the event loop, in which timers that are due go off. It never rejects. */
  turn(): Promise<void>;
  /** Calls back later, if the process still runs then: it is not kept running. Returns what calls it off. */
  later(action: () => void, milliseconds: number): () => void;
}
