import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeCheckpoint, GzipLayerMachine, init } from "../../../src/core/index.js";
import { concat, mixed } from "../../fixtures/bytes.js";
import { encode } from "../../fixtures/encode.js";
import { expectSameBytes } from "../../fixtures/same-bytes.js";
import { SEGMENT_SIZE, wasmFile } from "../../fixtures/wasm.js";

const root = resolve(import.meta.dirname, "../../..");
const input = mixed(6 * SEGMENT_SIZE + 1000, 1);

interface Leg {
  readonly output: Uint8Array<ArrayBuffer>;
  readonly checkpoint: Uint8Array<ArrayBuffer>;
  readonly digest?: string;
  readonly diffID?: string;
}

/** Begins the layer in this process, and gives it up after so many bytes. */
function begin(bytes: number): Leg {
  const machine = new GzipLayerMachine(1);
  const output: Uint8Array[] = [];
  const part = input.subarray(0, bytes);
  for (let at = 0; at < part.length; ) {
    at = machine.update(part, at);
    const view = machine.take();
    if (view) output.push(view.slice());
  }
  const checkpoint = machine.checkpoint();
  machine.release();
  return { output: concat(...output), checkpoint };
}

/** Goes on with the layer in another process, up to so many bytes of the whole input. */
function resumeInAnotherProcess(checkpoint: Uint8Array, end: number, core?: Uint8Array): Leg {
  const base64 = (bytes: Uint8Array | undefined): string | undefined =>
    bytes && Buffer.from(bytes).toString("base64");
  const { inputOffset } = describeCheckpoint(checkpoint);
  const run = spawnSync(process.execPath, [join(import.meta.dirname, "fixture/resume.mjs")], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    input: JSON.stringify({
      core: base64(core),
      checkpoint: base64(checkpoint),
      input: base64(input.subarray(inputOffset, end)),
      last: end >= input.length,
    }),
  });
  if (run.status !== 0) throw new Error(run.stderr);
  const { output, checkpoint: next, ...result } = JSON.parse(run.stdout);
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "base64"));
  return { output: bytes(output), checkpoint: bytes(next), ...result };
}

let whole: Uint8Array;
beforeAll(async () => {
  await init();
  whole = encode(new GzipLayerMachine(1), input);
});

function expectWhole(legs: readonly Leg[]): void {
  expectSameBytes(concat(...legs.map(({ output }) => output)), whole);
  expect(legs.at(-1)).toMatchObject({
    digest: createHash("sha256").update(whole).digest("hex"),
    diffID: createHash("sha256").update(input).digest("hex"),
  });
}

it("a layer begun in one process goes on in a second and is finished in a third, to the same digest", () => {
  const first = begin(2 * SEGMENT_SIZE + 500);
  const second = resumeInAnotherProcess(first.checkpoint, 4 * SEGMENT_SIZE + 100);
  expect(describeCheckpoint(second.checkpoint).inputOffset).toBeGreaterThan(
    describeCheckpoint(first.checkpoint).inputOffset,
  );
  expectWhole([first, second, resumeInAnotherProcess(second.checkpoint, input.length)]);
});

describe("a module built from changed source of the same format", () => {
  let directory: string;
  let other: Uint8Array<ArrayBuffer>;

  /** Everything from the match finder's table on moves by 64 KiB, which the format leaves free. */
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "varve-changed-"));
    cpSync(join(root, "assembly"), join(directory, "assembly"), { recursive: true });
    const map = join(directory, "assembly/memory.ts");
    const changed = readFileSync(map, "utf8").replace(
      /^(export const [A-Z0-9_]+: usize = )(0x[0-9a-f]+);$/gm,
      (line, start: string, address: string) =>
        Number(address) >= 0x14000 ? `${start}0x${(Number(address) + 0x10000).toString(16)};` : line,
    );
    writeFileSync(map, changed);
    const outFile = join(directory, "changed.wasm");
    const { targets, options } = JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8"));
    const pages = (size: number): string => String(size + 1);
    const { initialMemory, maximumMemory } = targets.core;
    const settings = ["--runtime", "stub", "--use", "abort=", "--memoryBase", String(options.memoryBase)];
    const memory = ["--initialMemory", pages(initialMemory), "--maximumMemory", pages(maximumMemory)];
    const run = spawnSync(
      process.execPath,
      [
        join(root, "node_modules/assemblyscript/bin/asc.js"),
        "assembly/index.ts",
        ...["--outFile", outFile, "-O1", "--noAssert"],
        ...settings,
        ...memory,
        ...["--enable", "simd", "--enable", "bulk-memory"],
      ],
      { cwd: directory, encoding: "utf8" },
    );
    expect(run.status, run.stderr).toBe(0);
    other = new Uint8Array(readFileSync(outFile));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("is another one: other code, other addresses", () => {
    const address = (bytes: Uint8Array<ArrayBuffer>): number => {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      return (exports.WINDOW as WebAssembly.Global).value as number;
    };
    const ours = wasmFile("core");
    expect(other.length).not.toBe(ours.length);
    expect(address(other)).toBe(address(ours) + 0x10000);
  });

  it("goes on with a checkpoint of this one, and this one with a checkpoint of that, to the same digest", () => {
    const first = begin(2 * SEGMENT_SIZE + 500);
    const second = resumeInAnotherProcess(first.checkpoint, 4 * SEGMENT_SIZE + 100, other);
    expectWhole([first, second, resumeInAnotherProcess(second.checkpoint, input.length)]);
    expectWhole([first, resumeInAnotherProcess(first.checkpoint, input.length, other)]);
  });
});
