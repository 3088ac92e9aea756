import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grouped, rounded, table, throughputRow, throughputTable } from "../../bench/report.mjs";

const timed = (engine: string, level: number | null, outputBytes: number, seconds: number[]) => ({
  contender: { engine, level, config: `as ${engine} likes it`, run: () => ({ outputBytes }) },
  outcome: { outputBytes },
  seconds,
});

describe("throughputRow", () => {
  it("begins with the fields of the published form, in their order", () => {
    const row = throughputRow("layer", "a.tar", 3_000_000, timed("node", 1, 1_000_000, [0.5, 0.3, 0.4]));
    expect(JSON.stringify(row)).toBe(
      '{"case":"layer","engine":"node","level":1,"inputBytes":3000000,"outputBytes":1000000,' +
        '"mbps":{"median":7.5,"best":10},"rounds":3,"input":"a.tar","config":"as node likes it"}',
    );
  });

  it("keeps null for an engine without levels", () => {
    expect(throughputRow("layer", "a.tar", 1, timed("x", null, 1, [1])).level).toBeNull();
  });
});

describe("throughputTable", () => {
  const rows = [
    throughputRow("layer", "a.tar", 2_000_000, timed("varve", 1, 500_000, [0.01])),
    throughputRow("layer", "a.tar", 2_000_000, timed("node", 1, 1_234_567, [0.02])),
    throughputRow("layer", "a.tar", 2_000_000, timed("compression-stream", null, 400_000, [0.04])),
  ];

  it("compares medians with the baseline and outputs with the input", () => {
    expect(throughputTable(rows, "node", true)).toBe(
      [
        "engine              level  median MB/s  best MB/s  x node  output bytes   ratio  used as",
        "varve                   1        200.0      200.0    2.00       500,000  0.2500  as varve likes it",
        "node                    1        100.0      100.0    1.00     1,234,567  0.6173  as node likes it",
        "compression-stream      -         50.0       50.0    0.50       400,000  0.2000  as compression-stream likes it",
      ].join("\n"),
    );
  });

  it("leaves out the comparison when the baseline did not run, and sizes where they mean nothing", () => {
    expect(throughputTable(rows.slice(0, 1), "node", false)).toBe(
      [
        "engine  level  median MB/s  best MB/s  used as",
        "varve       1        200.0      200.0  as varve likes it",
      ].join("\n"),
    );
  });
});

describe("table", () => {
  it("lines up columns of any width and leaves no blanks at the ends of lines", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "7", "."), maxLength: 9 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 }), (body) => {
        const lines = table(["left", "right", "end"], body, new Set([0, 2])).split("\n");
        const ends = 4 + Math.max(0, ...body.map(([left]) => left.length - 4));
        expect(lines).toHaveLength(body.length + 1);
        for (const [index, line] of lines.slice(1).entries()) {
          const [left, , end] = body[index] ?? ["", "", ""];
          expect(line.startsWith(left)).toBe(true);
          expect(line.slice(left.length, ends).trim()).toBe("");
          expect(line.endsWith(end)).toBe(true);
          expect(line).toBe(line.trimEnd());
        }
      }),
    );
  });
});

describe("numbers", () => {
  it("have their thousands set apart", () => {
    expect([0, 999, 1000, 67108864, 1234567890].map(grouped)).toEqual([
      "0",
      "999",
      "1,000",
      "67,108,864",
      "1,234,567,890",
    ]);
  });

  it("are rounded to the places asked for", () => {
    expect([rounded(1.25, 1), rounded(99.96, 1), rounded(0.005, 2), rounded(12, 2)]).toEqual([
      1.3, 100, 0.01, 12,
    ]);
  });
});
