import { describe, expect, it } from "vitest";
import { ProgressLine } from "../../src/cli/progress-line.js";

/** A screen that remembers, and a clock that the test moves. */
function stage(options: { isTTY?: boolean; columns?: number; TERM?: string } = {}) {
  const written: string[] = [];
  const { isTTY = true, columns = 80, TERM = "xterm" } = options;
  const screen = { isTTY, columns, write: (text: string) => written.push(text) };
  const clock = { milliseconds: 5000 };
  const line = new ProgressLine(screen, { TERM }, () => clock.milliseconds);
  return { written, screen, clock, line };
}

describe("ProgressLine", () => {
  it("tells bytes in, bytes out and the mean speed in one write that begins and ends on the same line", () => {
    const { written, clock, line } = stage();
    clock.milliseconds += 2000;
    line.update({ bytesIn: 300_000_000, bytesOut: 120_500_000 });
    expect(written).toEqual([" 300 MB in   121 MB out   150.0 MB/s"].map((text) => `\r${text}\x1b[K`));
  });

  it("tells the percentage of an expected size, until there is more than was expected", () => {
    const { written, clock, line } = stage();
    clock.milliseconds += 100;
    line.update({ bytesIn: 30, bytesOut: 40, expectedSize: 200 });
    clock.milliseconds += 100;
    line.update({ bytesIn: 201, bytesOut: 40, expectedSize: 200 });
    expect(written[0]).toMatch(/^\r 15 % /);
    expect(written[1]).not.toContain("%");
  });

  it("draws at most ten times a second, however often it is told", () => {
    const { written, clock, line } = stage();
    for (let update = 0; update < 1000; update++) {
      clock.milliseconds += 1;
      line.update({ bytesIn: update, bytesOut: update });
    }
    expect(written).toHaveLength(10);
  });

  it("ends with the last state, whether that was drawn or not, and a line end", () => {
    const { written, clock, line } = stage();
    clock.milliseconds += 10;
    line.update({ bytesIn: 1, bytesOut: 1 });
    line.update({ bytesIn: 70, bytesOut: 20 });
    line.finish();
    expect(written).toHaveLength(1);
    expect(written[0]?.replace("\x1b[K", "<erase>")).toMatch(/^\r +70 B in +20 B out .*<erase>\n$/);
  });

  it("can be cleared, and clears nothing that is not there", () => {
    const { written, clock, line } = stage();
    line.clear();
    expect(written).toEqual([]);
    clock.milliseconds += 100;
    line.update({ bytesIn: 1, bytesOut: 1 });
    line.clear();
    line.clear();
    expect(written.slice(1)).toEqual(["\r\x1b[K"]);
  });

  it("leaves a finished line alone when it is cleared", () => {
    const { written, line } = stage();
    line.finish();
    line.clear();
    expect(written).toHaveLength(1);
  });

  it.each([
    ["no terminal", { isTTY: false }],
    ["a dumb terminal", { TERM: "dumb" }],
  ])("writes nothing at all to %s", (_what, options) => {
    const { written, clock, line } = stage(options);
    clock.milliseconds += 1000;
    line.update({ bytesIn: 1, bytesOut: 1 });
    line.finish();
    line.clear();
    expect(written).toEqual([]);
  });

  it("keeps out of the last column, and follows a terminal that changes its width", () => {
    const { written, screen, clock, line } = stage({ columns: 12 });
    for (const columns of [12, 200, 0]) {
      screen.columns = columns;
      clock.milliseconds += 100;
      line.update({ bytesIn: 123_000_000, bytesOut: 45_600_000 });
    }
    const lengths = written.map((text) => text.replace("\x1b[K", "").length - 1);
    expect(lengths[0]).toBe(11);
    expect(lengths[1]).toBeGreaterThan(11);
    expect(lengths[2]).toBe(lengths[1]);
  });

  it("leaves the speed out while no time has passed", () => {
    const { written, line } = stage();
    line.finish();
    expect(written[0]).not.toContain("MB/s");
  });
});
