import { describe, expect, it, vi } from "vitest";
import { SharedWork } from "../../../src/remote/transport/shared-work.js";
import { rejection } from "../fixture/thrown.js";

/** Work that a test settles, and that cleans up for a turn when it is aborted. */
class Work {
  readonly signals: AbortSignal[] = [];
  cleaned = 0;
  finish!: (value: string) => void;

  readonly do = (signal: AbortSignal): Promise<string> => {
    this.signals.push(signal);
    return new Promise((resolve, reject) => {
      this.finish = resolve;
      signal.addEventListener("abort", () => {
        setTimeout(() => {
          this.cleaned += 1;
          reject(signal.reason);
        });
      });
    });
  };
}

describe("shared work", () => {
  it("is done once for all who come while it is under way, and again for the next", async () => {
    const shared = new SharedWork<string>();
    const work = new Work();
    const both = [shared.run(undefined, work.do), shared.run(undefined, work.do)];
    work.finish("done");
    expect(await Promise.all(both)).toEqual(["done", "done"]);
    const again = shared.run(undefined, work.do);
    work.finish("again");
    expect(await again).toBe("again");
    expect(work.signals).toHaveLength(2);
  });

  it("fails for all, and is not remembered", async () => {
    const shared = new SharedWork<string>();
    const failure = new Error("failed");
    const fail = vi.fn(() => Promise.reject(failure));
    expect(await Promise.all([1, 2].map(() => rejection(shared.run(undefined, fail))))).toEqual([
      failure,
      failure,
    ]);
    expect(fail).toHaveBeenCalledTimes(1);
    expect(await shared.run(undefined, async () => "well")).toBe("well");
  });

  it("goes on for the others when one gives up, who is let go at once", async () => {
    const shared = new SharedWork<string>();
    const work = new Work();
    const controller = new AbortController();
    const one = rejection(shared.run(controller.signal, work.do));
    const other = shared.run(undefined, work.do);
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await one).toBe(reason);
    expect(work.signals[0]?.aborted).toBe(false);
    work.finish("done");
    expect(await other).toBe("done");
  });

  it("is given up when the last has given up, who waits until it has cleaned up", async () => {
    const shared = new SharedWork<string>();
    const work = new Work();
    const controllers = [new AbortController(), new AbortController()];
    const all = controllers.map(({ signal }) => rejection(shared.run(signal, work.do)));
    for (const controller of controllers) controller.abort("enough");
    expect(await Promise.all(all)).toEqual(["enough", "enough"]);
    expect(work.cleaned).toBe(1);
  });

  it("begins anew for who comes while it is being given up", async () => {
    const shared = new SharedWork<string>();
    const work = new Work();
    const controller = new AbortController();
    const one = rejection(shared.run(controller.signal, work.do));
    controller.abort("enough");
    await Promise.resolve();
    await Promise.resolve();
    const other = shared.run(undefined, async () => "anew");
    expect(await other).toBe("anew");
    expect(await one).toBe("enough");
  });

  it("is not begun with a signal that is aborted, and leaves no listener", async () => {
    const shared = new SharedWork<string>();
    const work = vi.fn(async () => "done");
    expect(await rejection(shared.run(AbortSignal.abort("enough"), work))).toBe("enough");
    expect(work).not.toHaveBeenCalled();
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, "removeEventListener");
    await shared.run(signal, work);
    expect(remove).toHaveBeenCalledTimes(1);
  });
});
