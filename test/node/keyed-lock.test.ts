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
});
