import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faults, withFaults } from "../../../src/registry/index.js";
import { Bench, content, stream } from "./fixture.js";

describe("any number of interruptions", () => {
  it("at any requests, before or after they were heard, come to the layer of an uninterrupted push", async () => {
    const input = content.subarray(1_000_000, 1_800_000);
    const whole = stream(input);
    await whole.writeTo(() => undefined);
    const expected = String(await whole.digest());
    const plan = fc.array(
      fc.record({ at: fc.integer({ min: 1, max: 9 }), effect: fc.constantFrom("before", "after", "cut") }),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(plan, fc.integer({ min: 60_000, max: 300_000 }), async (interruptions, chunkSize) => {
        const bench = new Bench();
        for (const { at, effect } of interruptions) {
          let died = false;
          const what = {
            before: faults.dropConnection(),
            after: faults.loseAnswer(),
            cut: faults.dropConnection({ afterBytes: 30_000 }),
          };
          bench.gate = withFaults(bench.registry.fetch, [
            { when: () => died, times: 1e9, effect: faults.dropConnection() },
            {
              nth: at,
              effect: (request, next, behind) => {
                died = true;
                return what[effect](request, next, behind);
              },
            },
          ]);
          await bench.push(stream(input), { chunkSize }).catch(() => undefined);
        }
        bench.gate = (request, next) => next(request);
        const layer = stream(input);
        const { digest } = await bench.push(layer, { chunkSize });
        expect(String(digest)).toBe(expected);
        expect(Buffer.compare(await bench.pulled(digest), input)).toBe(0);
        expect(bench.values.size).toBe(0);
        expect(bench.events.every((event) => !("reason" in (event as object)))).toBe(true);
      }),
      { numRuns: 12, seed: 48 },
    );
  });
});
