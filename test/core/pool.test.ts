import { describe, expect, it } from "vitest";
import { Pool } from "../../src/core/pool.js";

function numbered(): Pool<{ number: number }> {
  let number = 0;
  return new Pool(() => ({ number: number++ }));
}

describe("a pool", () => {
  it("makes an instance when none waits", () => {
    const pool = numbered();
    expect([pool.acquire().number, pool.acquire().number]).toEqual([0, 1]);
  });

  it("gives out the instance that was given back last, whose memory is warm", () => {
    const pool = numbered();
    const [first, second] = [pool.acquire(), pool.acquire()];
    pool.release(first);
    pool.release(second);
    expect(pool.acquire()).toBe(second);
    expect(pool.acquire()).toBe(first);
    expect(pool.acquire().number).toBe(2);
  });

  it("lets go of all but four", () => {
    const pool = numbered();
    const instances = Array.from({ length: 7 }, () => pool.acquire());
    for (const instance of instances) pool.release(instance);
    const again = Array.from({ length: 5 }, () => pool.acquire());
    expect(again.map(({ number }) => number)).toEqual([3, 2, 1, 0, 7]);
  });
});
