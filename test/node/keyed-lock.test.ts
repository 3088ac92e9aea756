import { describe, expect, it } from "vitest";
import { KeyedLock } from "../../src/node/keyed-lock.js";

describe("KeyedLock", () => {
  it("runs the tasks of a key one by one in their order, and those of others beside them", async () => {
    const lock = new KeyedLock();
    const events: string[] = [];
    const task = (name: string) => async () => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      events.push(`${name} ends`);
      return name;
    };
    const done = await Promise.all([
      lock.run("k", task("first")),
      lock.run("k", task("second")),
      lock.run("other", task("third")),
    ]);
    expect(done).toEqual(["first", "second", "third"]);
    expect(events.indexOf("first ends")).toBeLessThan(events.indexOf("second begins"));
    expect(events.indexOf("third begins")).toBeLessThan(events.indexOf("first ends"));
  });

  it("goes on after a task that fails", async () => {
    const lock = new KeyedLock();
    const failing = lock.run("k", async () => {
      throw new Error("no");
    });
    const next = lock.run("k", async () => "yes");
    await expect(failing).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });

  it("does not run a task whose signal is aborted while it waits, and keeps the order of the others", async () => {
    const lock = new KeyedLock();
    const events: string[] = [];
    let release = (): void => {};
    const held = lock.run("k", () => new Promise<void>((resolve) => (release = resolve)));
    const waiting = new AbortController();
    const given = lock.run("k", async () => void events.push("given up"), waiting.signal);
    const last = lock.run("k", async () => void events.push("last"));
    waiting.abort("enough");
    await expect(given).rejects.toBe("enough");
    const later = lock.run("k", async () => void events.push("later"));
    expect(events).toEqual([]);
    release();
    await Promise.all([held, last, later]);
    expect(events).toEqual(["last", "later"]);
  });

  it("lets a task that has begun come to its end, whatever its signal says", async () => {
    const lock = new KeyedLock();
    const begun = new AbortController();
    const outcome = lock.run(
      "k",
      async () => {
        begun.abort("enough");
        await new Promise((resolve) => setImmediate(resolve));
        return "done";
      },
      begun.signal,
    );
    expect(await outcome).toBe("done");
  });
});
