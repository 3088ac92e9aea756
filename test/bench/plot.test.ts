import { describe, expect, it } from "vitest";
import { plot } from "../../bench/plot.mjs";

const row = (input: string, engine: string, level: number, outputBytes: number, median: number) => ({
  case: "gzip",
  engine,
  level,
  inputBytes: 1000,
  outputBytes,
  mbps: { median, best: median },
  rounds: 5,
  input,
  config: "",
});

const rows = [
  row("a.tar", "varve", 9, 300, 40),
  row("a.tar", "varve", 1, 400, 200),
  row("a.tar", "node", 1, 410, 80),
  row("b <tar>", "varve", 1, 200, 300),
];

/** The points of each line of a picture, as numbers. */
const lines = (svg: string): number[][][] =>
  [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) =>
    (points as string).split(" ").map((point) => point.split(",").map(Number)),
  );

describe("plot", () => {
  it("draws a panel for each input and a line for each engine in it", () => {
    const svg = plot(rows, "speed");
    expect(svg.match(/<g transform/g)).toHaveLength(2);
    expect(lines(svg).map((points) => points.length)).toEqual([2, 1, 1]);
  });

  it("joins an engine's points in the order of the levels, faster higher and smaller further left", () => {
    const [[one, nine]] = lines(plot(rows, "speed")) as [[[number, number], [number, number]]];
    expect(nine[0]).toBeLessThan(one[0]);
    expect(nine[1]).toBeGreaterThan(one[1]);
  });

  it("leaves out levels that find no matches", () => {
    const svg = plot(
      [...rows, row("a.tar", "varve", -2, 700, 400), row("a.tar", "varve", 0, 1000, 900)],
      "speed",
    );
    expect(lines(svg)).toEqual(lines(plot(rows, "speed")));
  });

  it("keeps every point inside its panel, even when there is only one", () => {
    for (const [x, y] of lines(plot(rows.slice(0, 1), "speed")).flat() as [number, number][]) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(420);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(340);
    }
  });

  it("writes names as text, whatever is in them", () => {
    const svg = plot(rows, 'a "title" & more');
    expect(svg).toContain("b &#60;tar&#62;");
    expect(svg).toContain("<title>a &#34;title&#34; &#38; more</title>");
    expect(svg).not.toContain("<tar>");
  });

  it("gives an engine the same colour in every panel", () => {
    const strokes = [...plot(rows, "").matchAll(/<polyline [^>]*stroke="(#[0-9a-f]+)"/g)].map(
      ([, colour]) => colour,
    );
    expect(strokes[0]).toBe(strokes[2]);
    expect(strokes[0]).not.toBe(strokes[1]);
  });
});
