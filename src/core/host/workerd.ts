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

/** A message comes before the event loop has gone on: no timer has fired by then. */
export const turnsNeedTimers: boolean = true;

/** Nothing waits here: timers would need a request that they belong to. */
export function later(): () => void {
  return () => {};
}
