import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { levels } from "../fixtures/levels.js";
import {
  constants,
  drawing,
  drawnEnd,
  drawnOptimalEnd,
  optimalDrawing,
  overlay,
  region,
} from "../fixtures/memory-map.js";
import { rawCore, SEGMENT_SIZE, wasmFile } from "../fixtures/wasm.js";
import { readWasm } from "../fixtures/wasm-reader.js";

const PAGE = 65_536;
const end = (name: string): number => region(name).address + region(name).size;

describe("the memory map", () => {
  it("is drawn with every constant, and every constant is drawn", () => {
    const drawn = [
      ...drawing.map(({ name, address }) => [name, address] as const),
      ["MEMORY_END", drawnEnd] as const,
      ...optimalDrawing.map(({ name, address }) => [name, address] as const),
      ["OPTIMAL_MEMORY_END", drawnOptimalEnd] as const,
    ];
    const regions = [...constants].filter(([name]) => name !== "WINDOW_SIZE");
    expect(drawn.length).toBeGreaterThan(30);
    expect(drawn).toEqual(regions);
  });

  it("has its regions in ascending order, none overlapping the next", () => {
    for (const [i, { name, address, size }] of drawing.entries()) {
      const next = drawing[i + 1]?.address ?? drawnEnd;
      expect(address + size, name).toBeLessThanOrEqual(next);
    }
    expect(optimalDrawing.length).toBeGreaterThan(10);
    for (const [i, { name, address, size }] of optimalDrawing.entries()) {
      expect(address, name).toBeGreaterThanOrEqual(drawnEnd);
      expect(address + size, name).toBeLessThanOrEqual(optimalDrawing[i + 1]?.address ?? drawnOptimalEnd);
    }
  });

  it("aligns every region as it says, vectors being 16 bytes", () => {
    for (const { name, address, align } of [...drawing, ...optimalDrawing]) {
      expect(align % 16, name).toBe(0);
      expect(address % align, name).toBe(0);
    }
  });

  it("gives every array the room its description needs", () => {
    const described = [...drawing, ...optimalDrawing].filter(({ description }) =>
      /^u(8|16|32)\[/.test(description),
    );
    expect(described.length).toBeGreaterThan(15);
    for (const { name, size, description } of described) {
      const [, bits, dimensions] = /^u(8|16|32)((?:\[[^\]]+\])+)/.exec(description) as RegExpExecArray;
      const sum = (terms: string): number =>
        terms.split("+").reduce((total, term) => total + Number(term), 0);
      const entries = [...(dimensions as string).matchAll(/\[([^\]]+)\]/g)].reduce(
        (all, [, n]) => all * sum(n as string),
        1,
      );
      expect(size, name).toBe((entries * Number(bits)) / 8);
    }
  });

  it("joins the window, the segment and the zeros after it without a gap", () => {
    expect(constants.get("WINDOW_SIZE")).toBe(32_768);
    expect(region("WINDOW").size).toBe(32_768);
    expect(end("WINDOW")).toBe(region("SEGMENT").address);
    expect(end("SEGMENT")).toBe(region("SEGMENT_SLACK").address);
    expect(end("OUTPUT_CARRY")).toBe(region("OUTPUT").address);
  });

  it("has room for the output of a segment that can't be compressed behind 64 KiB that wait", () => {
    expect(region("SEGMENT").size).toBe(SEGMENT_SIZE);
    expect(region("OUTPUT").size).toBeGreaterThanOrEqual(65_536 + SEGMENT_SIZE * 1.001 + 64);
  });

  it("has room for a token for every byte of the longest open block", () => {
    const source = readFileSync(new URL("../../assembly/deflate/segment.ts", import.meta.url), "utf8");
    const constant = (name: string): number => {
      const [, value] = new RegExp(`^const ${name}: usize = (\\w+);`, "m").exec(source) as RegExpExecArray;
      return Number(value);
    };
    const part = Math.max(...levels.map(({ PART }) => PART));
    const longest = constant("BLOCK_SIZE") + part + part / 2 ** constant("REST_SHIFT");
    expect(longest).toBeGreaterThan(2 ** 17);
    expect(region("TOKENS").size).toBeGreaterThanOrEqual(4 * longest);
  });

  it("has room for every match that a position may find, beyond those that are kept", () => {
    const source = readFileSync(
      new URL("../../assembly/deflate/optimal-matches.ts", import.meta.url),
      "utf8",
    );
    const room = Number(/^const MATCHES_ROOM: u32 = (\w+);$/m.exec(source)?.[1]);
    expect(room).toBeGreaterThan(SEGMENT_SIZE);
    // One of each length from 3 to 258.
    expect(region("MATCHES").size).toBeGreaterThanOrEqual(4 * (room + 256));
  });

  it("has room for the parts of a full segment at every level", () => {
    const source = readFileSync(new URL("../../assembly/deflate/levels.ts", import.meta.url), "utf8");
    const sizes = [...source.matchAll(/^ *OPTIMAL, +(\d+),/gm)].map(([, size]) => Number(size));
    expect(sizes.length).toBe(3);
    const parts = Math.ceil(SEGMENT_SIZE / Math.min(...sizes));
    expect(region("BLOCK_ENDS").size).toBeGreaterThanOrEqual(4 * parts);
    // No match may be longer than the shortest part, half of one.
    expect(Math.min(...sizes) / 2).toBeGreaterThan(258);
  });

  it("is what the exports say", () => {
    const { segmentAddress, outputAddress, digests, states, counters } = rawCore();
    expect({ segmentAddress, outputAddress }).toEqual({
      segmentAddress: region("SEGMENT").address,
      outputAddress: region("OUTPUT").address,
    });
    expect([digests, states, counters].map((view) => view.byteOffset)).toEqual(
      ["SHA256_DIGEST", "SHA256_STATE", "STREAM"].map((name) => region(name).address),
    );
  });
});

describe("the inflater's map", () => {
  const at = (name: string): number => overlay.constants.get(name) as number;

  it("is drawn with every constant, and every constant is drawn", () => {
    const drawn = [
      ...overlay.drawing.map(({ name, address }) => [name, address] as const),
      ["INFLATE_END", overlay.end] as const,
    ];
    expect(drawn.length).toBeGreaterThan(15);
    expect(drawn).toEqual([...overlay.constants]);
  });

  it("has aligned regions in ascending order, none overlapping the next", () => {
    for (const [i, { name, address, size, align }] of overlay.drawing.entries()) {
      expect(address + size, name).toBeLessThanOrEqual(overlay.drawing[i + 1]?.address ?? overlay.end);
      expect(align % 16, name).toBe(0);
      expect(address % align, name).toBe(0);
    }
  });

  it("lies over nothing but what a compressing stream makes anew: from the match finder's tables on", () => {
    const first = drawing.find(({ address }) => address >= at("INFLATE_STATE"));
    expect(first?.address).toBe(at("INFLATE_STATE"));
    expect(first?.description).toMatch(/match finder/);
    expect(overlay.end).toBeLessThanOrEqual(drawnEnd);
    for (const shared of ["SHA256_STATE", "SHA256_TAIL", "STREAM", "FIXED_CODE_LENGTHS", "CRC32_FOLD"]) {
      expect(end(shared), shared).toBeLessThanOrEqual(at("INFLATE_STATE"));
    }
  });

  it("gives every array the room its description needs", () => {
    const described = overlay.drawing.filter(({ description }) => /^u(8|16|32)\[/.test(description));
    expect(described.length).toBeGreaterThan(10);
    for (const { name, size, description } of described) {
      const [, bits, dimensions] = /^u(8|16|32)((?:\[\d+\])+)/.exec(description) as RegExpExecArray;
      const entries = [...(dimensions as string).matchAll(/\d+/g)].reduce((all, [n]) => all * Number(n), 1);
      expect(size, name).toBe((entries * Number(bits)) / 8);
    }
  });

  it("joins the carried input and the input, and the history, the output and its slack, without gaps", () => {
    expect(at("COMPRESSED") - at("COMPRESSED_CARRY")).toBe(64);
    expect(at("INFLATED") - at("HISTORY")).toBe(32_768);
    expect(at("INFLATED_SLACK") - at("INFLATED")).toBe(131_072);
  });

  it("has slack for one iteration, the symbols of seven bits, and a copy in vectors", () => {
    expect(overlay.end - at("INFLATED_SLACK")).toBeGreaterThanOrEqual(260 + 7 * 258 + 32);
  });

  it("is what the exports say", () => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasmFile("core")));
    const value = (name: string): number => (exports[name] as WebAssembly.Global).value;
    expect(value("INFLATE_STATE")).toBe(at("INFLATE_STATE"));
    expect(value("COMPRESSED")).toBe(at("COMPRESSED"));
    expect(value("COMPRESSED_SIZE")).toBe(at("HISTORY") - at("COMPRESSED"));
    expect(value("INFLATED_STOP")).toBe(at("INFLATED_SLACK"));
  });
});

describe.each([
  { name: "core" as const, limit: 56_000, end: drawnEnd, grownEnd: drawnOptimalEnd },
  { name: "sha256" as const, limit: 8000, end: 0x1000 + 0x10000, grownEnd: 0x1000 + 0x10000 },
])("$name.wasm", ({ name, limit, end: memoryEnd, grownEnd }) => {
  const bytes = wasmFile(name);
  const module = new WebAssembly.Module(bytes);
  const facts = readWasm(bytes);

  it(`is at most ${limit} bytes`, () => {
    expect(bytes.length).toBeLessThanOrEqual(limit);
  });

  it("imports nothing", () => {
    expect(WebAssembly.Module.imports(module)).toEqual([]);
  });

  it("has a memory as large as the map, at most 4 MiB, that grows to what all levels need and no further", () => {
    const { initial, maximum } = facts.memory;
    expect(initial).toBe(Math.ceil(memoryEnd / PAGE));
    expect(initial * PAGE).toBeLessThanOrEqual(4 * 2 ** 20);
    expect(maximum).toBe(Math.ceil(grownEnd / PAGE));
    expect((maximum as number) * PAGE).toBeLessThanOrEqual(12 * 2 ** 20);
    const { exports } = new WebAssembly.Instance(module);
    const memory = exports.memory as WebAssembly.Memory;
    expect(memory.buffer.byteLength).toBe(initial * PAGE);
    if (name === "core") {
      const reserveMemory = exports.reserveMemory as (level: number) => void;
      reserveMemory(9);
      expect(memory.buffer.byteLength).toBe(initial * PAGE);
      reserveMemory(10);
      reserveMemory(12);
    }
    expect(memory.buffer.byteLength).toBe((maximum as number) * PAGE);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  it("keeps the compiler's constants inside STATIC", () => {
    expect(facts.data.length).toBeGreaterThan(0);
    for (const { address, size } of facts.data) {
      expect(address).toBeGreaterThanOrEqual(region("STATIC").address);
      expect(address + size).toBeLessThanOrEqual(end("STATIC"));
    }
  });
});

it("sha256.wasm has its input region behind STATIC and within its memory", () => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasmFile("sha256")));
  const input = (exports.INPUT as WebAssembly.Global).value as number;
  const size = (exports.INPUT_SIZE as WebAssembly.Global).value as number;
  expect(input).toBeGreaterThanOrEqual(end("STATIC"));
  expect(input + size).toBeLessThanOrEqual((exports.memory as WebAssembly.Memory).buffer.byteLength);
});
