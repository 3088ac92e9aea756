import { Worker } from "node:worker_threads";
import type { WorkerLike } from "varve/core";
import { equal } from "../portable/assert.js";
import type { Suite } from "../portable/runner.js";
import { threadsThatTakePart } from "../portable/threads.js";

/** Workers that the caller makes of `varve/worker`. */
export const ownWorkers: Suite = (test) => {
  test("a worker of node:worker_threads that the caller makes of varve/worker takes part", async () => {
    let made = 0;
    const createWorker = (): WorkerLike => {
      made++;
      return new Worker(new URL(import.meta.resolve("varve/worker"))) as unknown as WorkerLike;
    };
    equal(await threadsThatTakePart(2, createWorker), 2, "the number of threads");
    equal(made, 1, "the number of workers");
  });
};
