/** Browsers, and whatever else keeps to the web's standards. */
import type { CreateWorker, NativeHash, WorkerLike } from "./host.js";

export function newNativeSha256(): NativeHash | undefined {
  return undefined;
}

/** Written so that bundlers see that a worker is meant. Without one, `worker.js` must stand beside the bundle. */
export const createWorker: CreateWorker | undefined = (): WorkerLike =>
  new Worker(new URL("./worker.js", import.meta.url), { type: "module" });

export function availableThreads(): number {
  return globalThis.navigator?.hardwareConcurrency || 1;
}

export const receiveMessage: undefined = undefined;

/** A timer waits for a millisecond or more, so it is for where there are no channels. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof MessageChannel !== "function") {
      setTimeout(resolve, 0);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

export function later(action: () => void, milliseconds: number): () => void {
  const timer = setTimeout(action, milliseconds);
  return () => clearTimeout(timer);
}
