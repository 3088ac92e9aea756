/** Node, and those that have its modules: Bun and Deno. */
import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers";
import { parentPort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { NativeHash, WorkerLike } from "./host.js";

export function newNativeSha256(): NativeHash | undefined {
  return createHash("sha256");
}

export function createWorker(): WorkerLike {
  return newWorker(new URL("./node-worker.js", import.meta.url));
}

/**
 * Starts a module as a worker. The process's own options are kept from it: `--input-type`, for one, would forbid a file.
 *
 * @param workerData what the module finds in `node:worker_threads` under that name
 */
export function newWorker(module: URL, workerData?: unknown): WorkerLike {
  return new Worker(module, { execArgv: [], workerData }) as unknown as WorkerLike;
}

export function availableThreads(): number {
  return availableParallelism();
}

export function receiveMessage(port: MessagePort): { readonly message: unknown } | undefined {
  return receiveMessageOnPort(port as unknown as Parameters<typeof receiveMessageOnPort>[0]);
}

export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export function later(action: () => void, milliseconds: number): () => void {
  const timer = setTimeout(action, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
}

/** In a worker: hands on the first message that is posted to it. */
export function onGreeting(greet: (message: unknown) => void): void {
  if (parentPort === null) {
    addEventListener("message", (event) => greet((event as MessageEvent).data), { once: true });
  } else {
    parentPort.once("message", greet);
  }
}
