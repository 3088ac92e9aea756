import { describe, expect, it } from "vitest";
import { Memo } from "../../src/bytes/index.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";

forbidUnhandledRejections();

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe("Memo", () => {
  it("computes nothing before it is asked, once for all who ask, and keeps the value", async () => {
    let computed = 0;
    const memo = new Memo(async () => ++computed);
    expect(computed).toBe(0);
    expect(memo.value).toBeUndefined();
    expect(await Promise.all([memo.get(), memo.get(), memo.get()])).toEqual([1, 1, 1]);
    expect(await memo.get()).toBe(1);
    expect(memo.value).toBe(1);
  });

  it("keeps a value that is undefined", async () => {
    let computed = 0;
    const memo = new Memo(async () => {
      computed++;
    });
    await memo.get();
    await memo.get();
    expect(computed).toBe(1);
  });

  it("gives a failure to all who wait, and does not keep it", async () => {
    const failures = [new Error("first"), new Error("second")];
    const memo = new Memo<string>(async () => {
      const failure = failures.shift();
      if (failure) throw failure;
      return "at last";
    });
    const [first, again] = await Promise.all([rejection(memo.get()), rejection(memo.get())]);
    expect(first).toMatchObject({ message: "first" });
    expect(again).toBe(first);
    expect(await rejection(memo.get())).toMatchObject({ message: "second" });
    expect(await memo.get()).toBe("at last");
  });

  it("turns what is thrown at once into a rejection", async () => {
    const memo = new Memo<never>(() => {
      throw new Error("at once");
    });
    expect(await rejection(memo.get())).toMatchObject({ message: "at once" });
  });

  it("goes on for those who still wait when one gives up", async () => {
    const { promise, resolve } = deferred<string>();
    const signals: AbortSignal[] = [];
    const memo = new Memo((signal) => {
      signals.push(signal);
      return promise;
    });
    const controller = new AbortController();
    const leaving = rejection(memo.get({ signal: controller.signal }));
    const staying = memo.get();
    controller.abort("enough");
    expect(await leaving).toBe("enough");
    expect(signals[0]!.aborted).toBe(false);
    resolve("value");
    expect(await staying).toBe("value");
    expect(signals).toHaveLength(1);
  });

  it("aborts the computation when the last who waits has given up, and starts anew for the next", async () => {
    const signals: AbortSignal[] = [];
    const memo = new Memo<string>((signal) => {
      signals.push(signal);
      return signals.length > 1 ? Promise.resolve("value") : new Promise<never>(() => {});
    });
    const controllers = [new AbortController(), new AbortController()];
    const leaving = controllers.map(({ signal }) => rejection(memo.get({ signal })));
    controllers[0]!.abort("one");
    await leaving[0];
    expect(signals[0]!.aborted).toBe(false);
    controllers[1]!.abort("two");
    await leaving[1];
    expect(signals[0]!.aborted).toBe(true);
    expect(signals[0]!.reason).toBe("two");
    expect(await memo.get()).toBe("value");
  });

  it("starts nothing for a signal that is aborted already, but gives a value that is there", async () => {
    let computed = 0;
    const memo = new Memo(async () => ++computed);
    const signal = AbortSignal.abort("no");
    expect(await rejection(memo.get({ signal }))).toBe("no");
    expect(computed).toBe(0);
    await memo.get();
    expect(await memo.get({ signal })).toBe(1);
  });

  it("takes a value that was found out in another way, unless it has one", async () => {
    const memo = new Memo(async () => "computed");
    memo.learn("learned");
    memo.learn("again");
    expect(memo.value).toBe("learned");
    expect(await memo.get()).toBe("learned");
  });
});
