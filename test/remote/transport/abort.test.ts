import { afterEach, describe, expect, it, vi } from "vitest";
import { atMost, ChildController, OperationAbortedError } from "../../../src/remote/transport/abort.js";

const never = (): Promise<never> => new Promise(() => undefined);

afterEach(() => {
  vi.useRealTimers();
});

describe("OperationAbortedError", () => {
  it("says what was aborted and why, and has the reason as its cause", () => {
    const reason = new DOMException("too slow", "TimeoutError");
    const error = new OperationAbortedError("writing", reason);
    expect(error).toMatchObject({ name: "OperationAbortedError", code: "ERR_VARVE_ABORTED", cause: reason });
    expect(error.message).toBe("writing was aborted (too slow)");
    expect(new OperationAbortedError("writing", "SIGINT").message).toBe("writing was aborted (SIGINT)");
  });
});

describe("ChildController", () => {
  it("is aborted with its parent, for the same reason, be it before or after it was made", () => {
    const parent = new AbortController();
    const child = new ChildController(parent.signal);
    expect(child.signal.aborted).toBe(false);
    parent.abort("enough");
    expect(child.signal).toMatchObject({ aborted: true, reason: "enough" });
    expect(new ChildController(parent.signal).signal).toMatchObject({ aborted: true, reason: "enough" });
  });

  it("is aborted alone without its parent", () => {
    const parent = new AbortController();
    const child = new ChildController(parent.signal);
    child.abort("mine");
    expect(child.signal).toMatchObject({ aborted: true, reason: "mine" });
    expect(parent.signal.aborted).toBe(false);
  });

  it("follows its parent no more once it is detached", () => {
    const parent = new AbortController();
    const child = new ChildController(parent.signal);
    child.detach();
    parent.abort();
    expect(child.signal.aborted).toBe(false);
  });

  it("needs no parent", () => {
    const child = new ChildController(undefined);
    child.abort("mine");
    child.detach();
    expect(child.signal.reason).toBe("mine");
  });
});

describe("atMost", () => {
  it("waits for the work, however it ends, and leaves no timer", async () => {
    vi.useFakeTimers();
    await atMost(1000, Promise.resolve());
    await atMost(1000, Promise.reject(new Error("failed")));
    expect(vi.getTimerCount()).toBe(0);
  });

  it("waits no longer than it should", async () => {
    vi.useFakeTimers();
    const settled = vi.fn();
    atMost(1000, never()).then(settled);
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalledTimes(1);
  });
});
