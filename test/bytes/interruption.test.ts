import { describe, expect, it } from "vitest";
import { Interruption } from "../../src/bytes/interruption.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections, settles } from "../stream/fixture/turns.js";

forbidUnhandledRejections();

const NEVER = new Promise<never>(() => {});

describe("Interruption", () => {
  it("settles as the promise does", async () => {
    const interruption = new Interruption();
    expect(await interruption.wait(Promise.resolve(7))).toBe(7);
    expect(await rejection(interruption.wait(Promise.reject("no")))).toBe("no");
  });

  it("cuts the present wait short, and not those before", async () => {
    const interruption = new Interruption();
    const before = await interruption.wait(Promise.resolve("before"));
    const present = interruption.wait(NEVER);
    interruption.interrupt("enough");
    expect(await rejection(present)).toBe("enough");
    expect(before).toBe("before");
  });

  it("cuts every later wait short at once", async () => {
    const interruption = new Interruption();
    interruption.interrupt(undefined);
    const late = rejection(interruption.wait(NEVER));
    expect(await settles(late)).toBe(true);
    expect(await late).toBeUndefined();
  });

  it("ignores what a promise does after its wait was cut short", async () => {
    const interruption = new Interruption();
    let fail: (error: unknown) => void = () => {};
    const waiting = interruption.wait(
      new Promise((_, reject) => {
        fail = reject;
      }),
    );
    interruption.interrupt("enough");
    fail("too late");
    expect(await rejection(waiting)).toBe("enough");
    expect(await rejection(interruption.wait(Promise.reject("unheard")))).toBe("enough");
  });
});
