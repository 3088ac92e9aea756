import { describe, expect, it } from "vitest";
import { newLayer, type Progress, StreamFailedError } from "../../src/stream/index.js";
import { chunked, KIB, MIB, noise } from "./fixture/bytes.js";
import { counted } from "./fixture/machines.js";
import { consume, expectTrue, rejection, valueErrors } from "./fixture/reading.js";
import { watched } from "./fixture/sources.js";
import { forbidUnhandledRejections, turn } from "./fixture/turns.js";

forbidUnhandledRejections();

describe("progress", () => {
  it.each([
    ["many chunks", chunked(noise(MIB), 10_000)],
    ["one chunk", [noise(MIB)]],
    ["bytes", noise(MIB)],
  ])("of %s never goes back, and ends at the totals", async (_, source) => {
    const reports: Progress[] = [];
    const layer = newLayer(source, { onProgress: (progress) => reports.push(progress) });
    const output = await consume(layer);
    for (const [i, report] of reports.entries()) {
      expect(report.bytesIn).toBeGreaterThanOrEqual(reports[i - 1]?.bytesIn ?? 0);
      expect(report.bytesOut).toBeGreaterThanOrEqual(reports[i - 1]?.bytesOut ?? 0);
    }
    expect(reports.at(-1)).toEqual({ bytesIn: MIB, bytesOut: output.length });
  });

  it("comes at least every 256 KiB and one chunk of input, even while there is no output", async () => {
    const length = 10_000;
    const ins: number[] = [];
    const layer = newLayer(chunked(new Uint8Array(2 * MIB), length), {
      onProgress: ({ bytesIn, bytesOut }) => {
        ins.push(bytesIn);
        expect(bytesIn === 2 * MIB || bytesOut === 0).toBe(true);
      },
    });
    await consume(layer);
    for (const [i, bytesIn] of ins.entries()) {
      expect(bytesIn - (ins[i - 1] ?? 0)).toBeLessThan(256 * KIB + length);
    }
    expect(ins.length).toBeGreaterThan(7);
  });

  it("of one large chunk comes in steps", async () => {
    const ins: number[] = [];
    await consume(newLayer(new Uint8Array(MIB), { onProgress: ({ bytesIn }) => ins.push(bytesIn) }));
    expect(ins).toEqual([256 * KIB, 512 * KIB, 768 * KIB, MIB, MIB, MIB]);
  });

  it("of nothing is one report of nothing in, and what came out", async () => {
    const reports: Progress[] = [];
    const output = await consume(newLayer([], { onProgress: (progress) => reports.push(progress) }));
    expect(reports.at(-1)).toEqual({ bytesIn: 0, bytesOut: output.length });
  });

  it("carries the expected size if there is one, 0 included, and holds nothing to it", async () => {
    for (const expectedSize of [0, 5, 10 * MIB]) {
      const reports: Progress[] = [];
      const input = noise(KIB);
      const layer = newLayer([input], { expectedSize, onProgress: (progress) => reports.push(progress) });
      await expectTrue(layer, input, await consume(layer));
      expect(reports.length).toBeGreaterThan(0);
      for (const report of reports) {
        expect(report.expectedSize).toBe(expectedSize);
      }
    }
    const bare: Progress[] = [];
    await consume(newLayer([noise(KIB)], { onProgress: (progress) => bare.push(progress) }));
    for (const report of bare) {
      expect(report).not.toHaveProperty("expectedSize");
    }
  });

  it.each([1, 2, 3, 4, 5, 6])(
    "whose listener throws at report %d fails the layer as a whole",
    async (nth) => {
      const fault = new Error("broken display");
      const source = watched(chunked(noise(600 * KIB), 100 * KIB));
      const compression = counted();
      let reports = 0;
      const layer = newLayer(source, {
        compression,
        onProgress() {
          if (++reports === nth) {
            throw fault;
          }
        },
      });
      expect(await rejection(consume(layer))).toBe(fault);
      for (const error of await valueErrors(layer)) {
        expect(error).toBeInstanceOf(StreamFailedError);
        expect(error).toMatchObject({ cause: fault });
      }
      await layer.sourceClosed;
      expect(reports).toBe(nth);
      await turn();
      expect(compression.journal).toEqual({ made: 1, released: 1 });
    },
  );

  it.each([1, 2, 3, 4, 5, 6])("whose listener closes the layer at report %d ends it there", async (nth) => {
    const compression = counted();
    let reports = 0;
    const layer = newLayer(chunked(noise(600 * KIB), 100 * KIB), {
      compression,
      onProgress() {
        if (++reports === nth) {
          layer.close("seen enough");
        }
      },
    });
    expect(await rejection(consume(layer))).toMatchObject({
      code: "ERR_VARVE_ABORTED",
      cause: "seen enough",
    });
    expect((await valueErrors(layer))[0]).toMatchObject({ cause: "seen enough" });
    await turn();
    expect(compression.journal).toEqual({ made: 1, released: 1 });
  });
});
