import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../../bench/main.mjs", import.meta.url));
let directory: string;
let input: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "varve-bench-test-"));
  input = join(directory, "input.txt");
  await writeFile(input, "one line after another\n".repeat(5000));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function bench(...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { stdout, stderr, code };
}

/** What `--json` printed. */
const rowsOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** What every row of `--json` begins with, in this order. */
const COLUMNS = ["case", "engine", "level", "inputBytes", "outputBytes", "mbps"];

describe("bench", () => {
  it("tells all its cases and how it measures", async () => {
    const { stdout, code } = await bench("--help");
    expect(code).toBe(0);
    for (const word of [
      "corpus",
      "layer",
      "gzip",
      "gunzip",
      "sha256",
      "crc32",
      "cold",
      "memory",
      "tune",
      "How it measures",
    ]) {
      expect(stdout).toContain(word);
    }
  });

  it("prints one JSON object a line with --json, and nothing else", async () => {
    const { stdout, stderr, code } = await bench(
      "layer",
      "--input",
      input,
      "--engines",
      "node,fflate+hash-wasm",
      "--json",
    );
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const rows = rowsOf(stdout);
    expect(rows.map((row) => [row.case, row.engine, row.level, row.inputBytes, row.rounds])).toEqual([
      ["layer", "node", 1, 115_000, 7],
      ["layer", "fflate+hash-wasm", 1, 115_000, 7],
    ]);
    for (const row of rows) {
      expect(Object.keys(row).slice(0, 6)).toEqual(COLUMNS);
      expect(row.mbps.best).toBeGreaterThanOrEqual(row.mbps.median);
      expect(row.outputBytes).toBeLessThan(row.inputBytes);
    }
  });

  it("runs every level one after another, each engine at those it has, and draws them", async () => {
    const picture = join(directory, "plot.svg");
    const { stdout, stderr, code } = await bench(
      "gzip",
      "--input",
      input,
      "--engines",
      "node,fflate",
      "--level",
      "all",
      "--rounds",
      "5",
      "--plot",
      picture,
      "--json",
    );
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const rows = rowsOf(stdout);
    const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    expect(rows.map((row) => [row.engine, row.level])).toEqual(
      nine.flatMap((level) => [
        ["node", level],
        ["fflate", level],
      ]),
    );
    const svg = await readFile(picture, "utf8");
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).toContain(">input.txt</text>");
  });

  it("counts uncompressed bytes where it decompresses", async () => {
    const { stdout } = await bench("gunzip", "--input", input, "--engines", "node", "--json");
    const row = JSON.parse(stdout);
    expect(row).toMatchObject({ case: "gunzip", engine: "node", level: null, outputBytes: 115_000 });
    expect(row.inputBytes).toBeLessThan(2000);
  });

  it("measures several files one after another, and only their beginnings when told so", async () => {
    const large = join(directory, "large");
    await writeFile(large, Buffer.alloc(3 << 20, "abc"));
    const { stdout } = await bench(
      "crc32",
      "--input",
      large,
      input,
      "--first",
      "1",
      "--engines",
      "hash-wasm",
      "--json",
    );
    const rows = rowsOf(stdout);
    expect(rows.map((row) => [row.input, row.inputBytes])).toEqual([
      ["large", 1 << 20],
      ["input.txt", 115_000],
    ]);
  });

  it("starts a process for every sample of the cold case", async () => {
    const { stdout, code } = await bench(
      "cold",
      "--input",
      input,
      "--rounds",
      "5",
      "--engines",
      "node",
      "--json",
    );
    expect(code).toBe(0);
    const row = JSON.parse(stdout);
    expect(row).toMatchObject({ case: "cold", engine: "node", level: 1, inputBytes: 65_536, rounds: 5 });
    expect(Object.keys(row).slice(0, 6)).toEqual(COLUMNS);
    expect(row.mbps.best).toBeGreaterThanOrEqual(row.mbps.median);
    expect(row.mbps.median).toBeCloseTo(65.536 / row.ms.median, 1);
    expect(row.ms.best).toBeGreaterThan(0);
    expect(row.ms.best).toBeLessThanOrEqual(row.ms.median);
  });

  it("refuses fewer rounds than make a median worth printing", async () => {
    const { stderr, code } = await bench("layer", "--input", input, "--rounds", "4");
    expect(code).toBe(1);
    expect(stderr).toContain("whole number from 5");
  });

  it.each([
    [["layer", "--input", "/no/such/file"], "no such file"],
    [["layer", "--input", main, "--engines", "zopfli"], 'no engine "zopfli"'],
    [["cold", "--engines", "zopfli"], 'no engine "zopfli"'],
    [
      ["gzip", "--input", main, "--engines", "node", "--level", "10"],
      'the engine "node" has no level 10: it has -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9',
    ],
  ])("says what is wrong with %j in one line", async (args, reason) => {
    const { stdout, stderr, code } = await bench(...args);
    expect({ stdout, code }).toEqual({ stdout: "", code: 1 });
    expect(stderr).toContain(reason);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("does not measure on an empty file", async () => {
    const empty = join(directory, "empty");
    await writeFile(empty, "");
    expect((await bench("sha256", "--input", empty)).stderr).toContain("nothing to measure on");
  });
});
