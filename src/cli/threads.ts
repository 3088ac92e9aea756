import { parentPort, workerData } from "node:worker_threads";
import { newWorker } from "../core/host/node.js";
import type { CreateWorker } from "../core/index.js";
import { serveSegments } from "../core/thread/serve-segments.js";

/** Says to the program that it was started as a worker. */
const WORKER = "varve worker";

/** The command is one file, wherever it is put, so that its workers run that file too. */
export const createWorker: CreateWorker = () => newWorker(new URL(import.meta.url), WORKER);

/** Whether this is a worker; then it serves as one. */
export function serveAsWorker(): boolean {
  const worker = parentPort !== null && workerData === WORKER;
  if (worker) {
    parentPort?.once("message", serveSegments);
  }
  return worker;
}
