import { describe, expect, it } from "vitest";
import { Feed } from "../../src/bytes/feed.js";
import type { Machine } from "../../src/core/index.js";
import { SourceError } from "../../src/stream/index.js";
import { MIB, noise } from "../stream/fixture/bytes.js";

/** Takes at most so many bytes at each call, and keeps them. */
class Taker {
  readonly taken: number[] = [];
  readonly calls: number[] = [];

  constructor(readonly most: number) {}

  update(chunk: Uint8Array, offset: number): number {
    const end = Math.min(chunk.length, offset + this.most);
    for (const byte of chunk.subarray(offset, end)) {
      this.taken.push(byte);
    }
    this.calls.push(end - offset);
    return end;
  }
}

function machineOf(taker: Taker): Machine {
  return taker as unknown as Machine;
}

describe("Feed", () => {
  it("is empty at first, after an empty chunk, and when a chunk is used up", () => {
    const feed = new Feed();
    expect(feed.empty).toBe(true);
    feed.load(new Uint8Array(0));
    expect(feed.empty).toBe(true);
    feed.load(noise(1));
    expect(feed.empty).toBe(false);
    feed.advance(machineOf(new Taker(1)));
    expect(feed.empty).toBe(true);
  });

  it("gives each byte of a chunk once, in order, however little the machine takes", () => {
    const feed = new Feed();
    const taker = new Taker(7);
    const chunk = noise(100);
    feed.load(chunk);
    let total = 0;
    while (!feed.empty) {
      total += feed.advance(machineOf(taker));
    }
    expect(total).toBe(100);
    expect(taker.taken).toEqual([...chunk]);
  });

  it("gives the machine of a large chunk no more than 256 KiB at once", () => {
    const feed = new Feed();
    const taker = new Taker(Number.POSITIVE_INFINITY);
    feed.load(new Uint8Array(MIB + 1));
    while (!feed.empty) {
      feed.advance(machineOf(taker));
    }
    expect(taker.calls).toEqual([262_144, 262_144, 262_144, 262_144, 1]);
  });

  it("refuses a chunk whose buffer was transferred meanwhile", () => {
    const feed = new Feed();
    const chunk = noise(100);
    feed.load(chunk);
    feed.advance(machineOf(new Taker(7)));
    structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
    expect(feed.empty).toBe(false);
    expect(() => feed.advance(machineOf(new Taker(7)))).toThrow(SourceError);
  });

  it("forgets its chunk when it is cleared", () => {
    const feed = new Feed();
    feed.load(noise(100));
    feed.clear();
    expect(feed.empty).toBe(true);
  });
});
