import { describe, expect, it, vi } from "vitest";
import { unlessAborted } from "../../src/bytes/index.js";
import { rejection } from "../remote/fixture/thrown.js";

const never = (): Promise<never> => new Promise(() => undefined);

describe("unlessAborted", () => {
  it("is the work itself where there is no signal", () => {
    const work = Promise.resolve(1);
    expect(unlessAborted(undefined, work)).toBe(work);
  });

  it("settles as the work does", async () => {
    const { signal } = new AbortController();
    const failure = new Error("failed");
    expect(await unlessAborted(signal, Promise.resolve(1))).toBe(1);
    expect(await rejection(unlessAborted(signal, Promise.reject(failure)))).toBe(failure);
  });

  it("rejects with the reason, at once, before the work has settled", async () => {
    const controller = new AbortController();
    const waiting = rejection(unlessAborted(controller.signal, never()));
    controller.abort("enough");
    expect(await waiting).toBe("enough");
    expect(await rejection(unlessAborted(controller.signal, never()))).toBe("enough");
  });

  it("hands on what the work comes to too late, and swallows how it fails", async () => {
    const signal = AbortSignal.abort("enough");
    const late = vi.fn();
    await rejection(unlessAborted(signal, Promise.resolve("value"), late));
    await rejection(unlessAborted(signal, Promise.reject(new Error("failed")), late));
    await new Promise((resolve) => setImmediate(resolve));
    expect(late.mock.calls).toEqual([["value"]]);
  });

  it("does not call work late that came in time", async () => {
    const controller = new AbortController();
    const late = vi.fn();
    await unlessAborted(controller.signal, Promise.resolve("value"), late);
    controller.abort();
    await Promise.resolve();
    expect(late).not.toHaveBeenCalled();
  });
});
