import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { interleave, latency, median, rotation, throughput } from "../../bench/rounds.mjs";

/** A clock that moves only when a contender says so. */
function fakeClock() {
  let milliseconds = 0;
  return {
    now: () => milliseconds,
    contender(engine: string, takes: number, log: string[]) {
      return {
        engine,
        level: 1,
        config: "",
        run() {
          log.push(engine);
          milliseconds += takes;
          return { outputBytes: takes };
        },
      };
    },
    pass(takes: number) {
      milliseconds += takes;
    },
  };
}

describe("rotation", () => {
  it("begins each round one engine further on and names every engine once", () => {
    expect([0, 1, 2, 3].map((round) => rotation(3, round))).toEqual([
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
      [0, 1, 2],
    ]);
  });

  it("puts every engine in every place equally often over as many rounds as engines", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), (count) => {
        const orders = Array.from({ length: count }, (_, round) => rotation(count, round));
        for (let place = 0; place < count; place++) {
          expect(new Set(orders.map((order) => order[place])).size).toBe(count);
        }
      }),
    );
  });
});

describe("interleave", () => {
  it("runs every engine once a round in rotated order", async () => {
    const clock = fakeClock();
    const log: string[] = [];
    const contenders = ["a", "b", "c"].map((engine) => clock.contender(engine, 1, log));
    await interleave(contenders, { rounds: 3, now: clock.now, settle: () => {} });
    expect(log.join("")).toBe("abcbcacab");
  });

  it("reports in the order of the contenders, in seconds, with the last outcome", async () => {
    const clock = fakeClock();
    const contenders = [clock.contender("slow", 3000, []), clock.contender("fast", 250, [])];
    const timed = await interleave(contenders, { rounds: 2, now: clock.now, settle: () => {} });
    expect(
      timed.map(({ contender, outcome, seconds }) => [contender.engine, outcome.outputBytes, seconds]),
    ).toEqual([
      ["slow", 3000, [3, 3]],
      ["fast", 250, [0.25, 0.25]],
    ]);
  });

  it("waits for an engine that works in the background", async () => {
    const clock = fakeClock();
    const contender = {
      engine: "background",
      level: null,
      config: "",
      async run() {
        await new Promise((resolve) => setImmediate(resolve));
        clock.pass(500);
        return { outputBytes: 7 };
      },
    };
    const [timed] = await interleave([contender], { rounds: 1, now: clock.now, settle: () => {} });
    expect(timed?.seconds).toEqual([0.5]);
    expect(timed?.outcome).toEqual({ outputBytes: 7 });
  });

  it("leaves what happens between the runs out of the times", async () => {
    const clock = fakeClock();
    const settled: string[] = [];
    const [timed] = await interleave([clock.contender("a", 10, [])], {
      rounds: 4,
      now: clock.now,
      settle: () => {
        settled.push("settled");
        clock.pass(1000);
      },
      onRun: () => clock.pass(1000),
    });
    expect(settled).toHaveLength(4);
    expect(timed?.seconds).toEqual([0.01, 0.01, 0.01, 0.01]);
  });

  it("can collect garbage in a process that was started without --expose-gc", async () => {
    const clock = fakeClock();
    const log: string[] = [];
    await interleave([clock.contender("a", 1, log)], { rounds: 2 });
    expect(log).toEqual(["a", "a"]);
  });

  it("passes on an engine's failure", async () => {
    const failing = {
      engine: "failing",
      level: 1,
      config: "",
      run: () => Promise.reject(new Error("out of order")),
    };
    await expect(interleave([failing], { rounds: 5, settle: () => {} })).rejects.toThrow("out of order");
  });
});

describe("statistics", () => {
  it("takes the middle value, or the mean of the two middle ones", () => {
    expect(median([5])).toBe(5);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([8, 1, 2, 4])).toBe(3);
  });

  it("refuses to make a median of nothing", () => {
    expect(() => median([])).toThrow(RangeError);
  });

  it("sorts by value, not by digits, and leaves the values as they were", () => {
    const values = [10, 9, 100];
    expect(median(values)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  it("finds a median between the least and the greatest, whatever the order of the values", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (values) => {
        const middle = median(values);
        expect(middle).toBe(median(values.toReversed()));
        const half = values.length / 2;
        expect(values.filter((value) => value <= middle).length).toBeGreaterThanOrEqual(half);
        expect(values.filter((value) => value >= middle).length).toBeGreaterThanOrEqual(half);
      }),
    );
  });

  it("counts a megabyte as 1,000,000 bytes, and calls the highest throughput the best", () => {
    expect(throughput(50_000_000, [0.5, 1, 0.25])).toEqual({ median: 100, best: 200 });
  });

  it("calls the shortest latency the best", () => {
    expect(latency([12, 8, 40])).toEqual({ median: 12, best: 8 });
  });
});
