import { describe, expect, it, vi } from "vitest";
import { all } from "../../../src/remote/transport/all.js";
import { JobSlots } from "../../../src/remote/transport/job-slots.js";
import { rejection } from "../fixture/thrown.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("slots", () => {
  it("let so many run at a time, in the order in which they came, whether they fail or not", async () => {
    const slots = new JobSlots(2);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const works = [0, 1, 2, 3, 4, 5].map((n) =>
      slots.run(undefined, async () => {
        order.push(n);
        most = Math.max(most, ++running);
        await turn();
        running -= 1;
        if (n % 2 === 1) throw new Error("odd");
      }),
    );
    await Promise.allSettled(works);
    expect([most, order]).toEqual([2, [0, 1, 2, 3, 4, 5]]);
  });

  it("are not waited for after an abortion, and go to the next", async () => {
    const slots = new JobSlots(1);
    let end!: () => void;
    const first = slots.run(
      undefined,
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const controller = new AbortController();
    const never = vi.fn(async () => undefined);
    const second = rejection(slots.run(controller.signal, never));
    const third = slots.run(undefined, async () => "third");
    controller.abort("enough");
    expect(await second).toBe("enough");
    end();
    await first;
    expect(await third).toBe("third");
    expect(never).not.toHaveBeenCalled();
    expect(await rejection(slots.run(controller.signal, never))).toBe("enough");
    expect(await slots.run(undefined, async () => "free")).toBe("free");
  });
});

describe("several works at a time", () => {
  it("give their results in order", async () => {
    expect(await all(undefined, [() => turn().then(() => 1), async () => 2])).toEqual([1, 2]);
    expect(await all(undefined, [])).toEqual([]);
  });

  it("fail with the first failure, after the others were given up and have cleaned up", async () => {
    const failure = new Error("first");
    let cleaned = false;
    const error = await rejection(
      all(undefined, [
        (signal) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () =>
              setImmediate(() => {
                cleaned = true;
                reject(signal.reason);
              }),
            );
          }),
        async () => {
          await turn();
          throw failure;
        },
      ]),
    );
    expect(error).toBe(failure);
    expect(cleaned).toBe(true);
  });

  it("are given up along with the caller's signal, on which they leave no listener", async () => {
    const controller = new AbortController();
    const remove = vi.spyOn(controller.signal, "removeEventListener");
    const works = [0, 1].map(
      () => (signal: AbortSignal) =>
        new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    const running = rejection(all(controller.signal, works));
    controller.abort("enough");
    expect(await running).toBe("enough");
    expect(remove).toHaveBeenCalled();
  });
});
