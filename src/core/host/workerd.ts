/** Cloudflare Workers have one thread. */
import type { CreateWorker, NativeHash } from "./host.js";

export function newNativeSha256(): NativeHash | undefined {
  return undefined;
}

export const createWorker: CreateWorker | undefined = undefined;

export function availableThreads(): number {
  return 1;
}

export const receiveMessage: undefined = undefined;

/** A message would come before any timer goes off. Outside of requests there are no timers, and nothing that waits for its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    try {
      setTimeout(resolve, 0);
    } catch {
      resolve();
    }
  });
}

/** Nothing waits here: timers would need a request that they belong to. */
export function later(): () => void {
  return () => {};
}
