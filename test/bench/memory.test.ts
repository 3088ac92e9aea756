import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MIB } from "../../bench/chunks.mjs";
import { measureMemory, memoryTable, peakMemory } from "../../bench/memory.mjs";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "varve-bench-test-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

async function script(source: string): Promise<string> {
  const path = join(directory, "script.mjs");
  await writeFile(path, source);
  return path;
}

describe.runIf(process.platform === "linux")("peakMemory", () => {
  it("sees what a process held for a moment only", async () => {
    const path = await script(`
      let bytes = new Uint8Array(Number(process.argv[2])).fill(1);
      bytes = undefined;
    `);
    const small = await peakMemory([path, "0"]);
    const large = await peakMemory([path, String(128 * MIB)]);
    expect(small).toBeGreaterThan(16 * MIB);
    expect(large - small).toBeGreaterThan(96 * MIB);
    expect(large - small).toBeLessThan(160 * MIB);
  });

  it("is not raised by what the measuring process holds", async () => {
    const held = new Uint8Array(256 * MIB).fill(1);
    expect(await peakMemory([await script("")])).toBeLessThan(200 * MIB);
    expect(held.at(-1)).toBe(1);
  });

  it("also sees a process that ends itself", async () => {
    expect(await peakMemory([await script("process.exit(0)")])).toBeGreaterThan(16 * MIB);
  });

  it("fails with what the process said when it failed", async () => {
    const path = await script(`console.error("no such file"); process.exit(4)`);
    await expect(peakMemory([path])).rejects.toThrow(/ended with 4: no such file$/);
  });

  it("fails when the process was killed before it could report", async () => {
    const path = await script(`process.kill(process.pid, "SIGKILL")`);
    await expect(peakMemory([path])).rejects.toThrow("ended with SIGKILL");
  });
});

describe.runIf(process.platform === "linux")("measureMemory", () => {
  it("tells a command that holds its input from one that does not, and removes its files", async () => {
    const command = await script(`
      import { openSync, readFileSync, readSync, writeFileSync, writeSync } from "node:fs";
      const [, , , input, , output, , level] = process.argv;
      if (level === "0") writeFileSync(output, readFileSync(input));
      else {
        const [from, to, buffer] = [openSync(input), openSync(output, "w"), new Uint8Array(65536)];
        for (let read = readSync(from, buffer); read > 0; read = readSync(from, buffer)) writeSync(to, buffer, 0, read);
      }
    `);
    vi.stubEnv("TMPDIR", directory);
    const sizes = [1 * MIB, 65 * MIB];
    const [, holding] = await measureMemory({ sizes, level: 0, rounds: 1, command });
    const [small, streaming] = await measureMemory({ sizes, level: 1, rounds: 1, command });
    expect(holding?.aboveFirstMiB).toBeGreaterThan(48);
    expect(streaming?.aboveFirstMiB).toBeLessThan(32);
    expect(small).toMatchObject({
      case: "memory",
      engine: "varve",
      level: 1,
      inputBytes: MIB,
      outputBytes: MIB,
    });
    expect(small?.aboveFirstMiB).toBe(0);
    expect(await readdir(directory)).toEqual(["script.mjs"]);
  });
});

describe("memoryTable", () => {
  it("shows each size and how much more it took than the first", () => {
    const row = { case: "memory", engine: "varve", level: 1, rounds: 3 } as const;
    expect(
      memoryTable([
        {
          ...row,
          inputBytes: 10 * MIB,
          outputBytes: 6_000_000,
          peakMiB: { median: 60, worst: 61.5 },
          aboveFirstMiB: 0,
        },
        {
          ...row,
          inputBytes: 1024 * MIB,
          outputBytes: 600_000_000,
          peakMiB: { median: 65.2, worst: 70 },
          aboveFirstMiB: 5.2,
        },
      ]),
    ).toBe(
      [
        "   input  output bytes  median peak MiB  worst  above the first",
        "  10 MiB     6,000,000             60.0   61.5              0.0",
        "1024 MiB   600,000,000             65.2   70.0              5.2",
      ].join("\n"),
    );
  });
});
