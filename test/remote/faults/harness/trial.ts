import { getEventListeners } from "node:events";
import { Bench, type Blow } from "./bench.js";
import type { Cell } from "./calamities.js";
import { type Flow, Sources } from "./flow.js";
import type { Step } from "./steps.js";
import { Timers } from "./timers.js";
import { WatchedStorage } from "./watched-storage.js";

/** How long a cell may take before it counts as one that hangs, in milliseconds. */
const PATIENCE = 10_000;

/** What came of a flow. */
export interface Outcome {
  /** What it gave; undefined if it failed. */
  readonly value?: unknown;
  readonly failure?: unknown;
  /** All that the registry holds, proven. */
  readonly contents: readonly string[];
  readonly steps: readonly Step[];
  readonly openUploads: number;
  /** What the client left behind, in words. */
  readonly left: readonly string[];
  /** What was waited for, in milliseconds. */
  readonly waits: readonly number[];
}

const prepared = new WeakMap<Flow, Promise<WatchedStorage>>();

/** Does a flow once, with what goes wrong. @throws if it hangs, or the registry holds what it must not */
export async function attempt(flow: Flow, cell?: Cell): Promise<Outcome> {
  const storage = flow.reads ? await storageOf(flow) : new WatchedStorage();
  const blows: Blow[] = [...(flow.bench?.blows ?? [])];
  const bench: Bench = new Bench({
    ...flow.bench,
    storage,
    deaf: cell?.calamity.deaf === true,
    blows: cell === undefined ? blows : [{ ...cell.step, ...blowOf(cell, () => bench) }, ...blows],
  });
  if (!flow.reads) await flow.prepare?.(bench.quietClient);
  const sources = new Sources();
  const timers = new Timers(cell?.calamity.speed ?? 1);
  timers.install();
  let guard: ReturnType<typeof setTimeout> | undefined;
  try {
    const { signal } = bench.controller;
    const work = settled(flow.run({ ...bench.client, signal }, sources, bench.quietClient));
    const hang = new Promise<never>((_, reject) => {
      guard = timers.real(() => reject(new Error("it hangs")), PATIENCE);
    });
    const end = await Promise.race([work, hang]);
    if (cell?.calamity.deaf !== true) await Promise.race([bench.quiet(), hang]);
    await turns();
    const left = leftOf(bench, timers, sources);
    const { openUploads } = storage;
    return {
      ...end,
      contents: await storage.contents(),
      steps: bench.steps.taken,
      openUploads,
      left,
      waits: timers.asked,
    };
  } finally {
    clearTimeout(guard);
    timers.uninstall();
    bench.controller.abort(new Error("over"));
    await bench.close();
  }
}

function blowOf({ calamity, always }: Cell, bench: () => Bench): Pick<Blow, "effect" | "times"> {
  return {
    times: always ? Number.POSITIVE_INFINITY : 1,
    effect: (request, next, behind) => calamity.effect(bench())(request, next, behind),
  };
}

function storageOf(flow: Flow): Promise<WatchedStorage> {
  const known = prepared.get(flow);
  if (known !== undefined) return known;
  const made = (async () => {
    const bench = new Bench(flow.bench);
    await flow.prepare?.(bench.quietClient);
    return bench.storage;
  })();
  prepared.set(flow, made);
  return made;
}

async function settled(work: Promise<unknown>): Promise<Pick<Outcome, "value" | "failure">> {
  try {
    return { value: await work };
  } catch (failure) {
    return { failure };
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function leftOf(bench: Bench, timers: Timers, sources: Sources): string[] {
  const listeners = getEventListeners(bench.controller.signal, "abort").length;
  const counts = {
    "timers that wait": timers.waiting,
    "bodies that are neither read nor cancelled": bench.bodies.open,
    "sources that are open": sources.open,
    "listeners on the caller's signal": listeners,
  };
  return Object.entries(counts).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`]));
}
