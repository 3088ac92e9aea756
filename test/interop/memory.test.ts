import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomBytes } from "../fixtures/bytes.js";
import { command, PeerRegistry } from "./peer-registry.js";

const MIB = 1024 * 1024;
const LARGE = 1024;
const SMALL = 10;
const ALLOWED = 32;
const CHUNK = 4 * MIB;

/** Has a process tell, on its descriptor 3, the most memory that it had resident. */
const hook = join(import.meta.dirname, "../../bench/memory-hook.mjs");
const library = join(import.meta.dirname, "push-stdin.mjs");

/** What a push says that it made. */
interface Pushed {
  readonly digest: string;
  readonly diffID: string;
  readonly size: number;
}

/** Blocks of 1 MiB, no two the same. A sixteenth of each is noise, or all of it. */
function* blocks(count: number, noise: "some" | "all"): Generator<Uint8Array> {
  const block = Buffer.from(randomBytes(MIB, 1));
  for (let at = 0; noise === "some" && at < MIB; at += 16_384) {
    block.fill("the stream lays down a layer each season\n", at + 1024, at + 16_384);
  }
  for (let number = 0; number < count; number++) {
    block.writeUInt32LE(number);
    yield Uint8Array.from(block);
  }
}

/** The same blocks, and what their SHA-256 is when they have been read. */
function hashedBlocks(
  count: number,
  noise: "some" | "all",
): { blocks: Iterable<Uint8Array>; digest: () => string } {
  const hash = createHash("sha256");
  function* hashed(): Generator<Uint8Array> {
    for (const block of blocks(count, noise)) {
      hash.update(block);
      yield block;
    }
  }
  return { blocks: hashed(), digest: () => `sha256:${hash.digest("hex")}` };
}

/** Pipes blocks into a Node program and returns what it printed, and its peak in MiB. */
async function peakOf(
  args: readonly string[],
  input: Iterable<Uint8Array>,
): Promise<{ pushed: Pushed; peak: number }> {
  const child = spawn(process.execPath, ["--import", hook, ...args], {
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const [stdin, stdout, stderr, report] = child.stdio;
  const [, printed, complaint, peak] = await Promise.all([
    pipeline(Readable.from(input), stdin).catch(() => undefined),
    text(stdout),
    text(stderr),
    text(report as Readable),
  ]);
  if (printed === "") throw new Error(`${args.join(" ")}: ${complaint}`);
  return { pushed: JSON.parse(printed) as Pushed, peak: Number(peak) / 1024 };
}

describe("a layer of 1 GiB pushed into docker-registry", () => {
  let registry: PeerRegistry;
  beforeAll(async () => {
    registry = await PeerRegistry.start("docker-registry");
  });
  afterAll(() => registry?.stop());

  const ways: [string, (repository: string) => string[]][] = [
    ["by the command, streaming", (repository) => [command, "push-layer", "--json", repository]],
    ["by varve/remote, in chunks", (repository) => [library, repository, "chunked", String(CHUNK)]],
  ];

  // The small layer is as long when it is compressed, and so fills chunks as the large one does.
  it.each(ways)(
    `%s, takes at most ${ALLOWED} MiB of memory more than one of ${SMALL} MiB`,
    async (_, push) => {
      const peaks: number[] = [];
      for (const [count, noise] of [
        [SMALL, "all"],
        [LARGE, "some"],
      ] as const) {
        const input = hashedBlocks(count, noise);
        const { pushed, peak } = await peakOf(push(`${registry.host}/memory`), input.blocks);
        expect(pushed.diffID).toBe(input.digest());
        const blob = await registry.fetch(`/v2/memory/blobs/${pushed.digest}`, { method: "HEAD" });
        expect([blob.status, Number(blob.headers.get("content-length"))]).toEqual([200, pushed.size]);
        expect(pushed.size).toBeGreaterThan(SMALL * MIB);
        peaks.push(peak);
      }
      const [small, large] = peaks as [number, number];
      expect(large - small).toBeLessThan(ALLOWED);
    },
  );
});

describe("varve serve --disk", () => {
  /** The most memory that a registry has resident which takes a blob of so many MiB. */
  async function peakOfTaking(count: number): Promise<number> {
    const registry = await PeerRegistry.start("varve serve");
    try {
      const input = hashedBlocks(count, "all");
      const opened = await registry.fetch("/v2/memory/blobs/uploads/", { method: "POST" });
      const location = opened.headers.get("location") as string;
      const init: RequestInit & { duplex: "half" } = {
        method: "PATCH",
        body: Readable.toWeb(Readable.from(input.blocks)) as ReadableStream,
        duplex: "half",
      };
      expect((await registry.fetch(location, init)).status).toBe(202);
      const finished = await registry.fetch(`${location}?digest=${input.digest()}`, { method: "PUT" });
      expect(finished.status).toBe(201);
      return await registry.peakMemory();
    } finally {
      await registry.stop();
    }
  }

  // What comes by HTTP comes in pieces of 64 KiB, of which the collector lets some tens of MiB gather; then there are no more.
  it("takes a blob of 1 GiB with at most 64 MiB of memory more than one of 10 MiB", async () => {
    const small = await peakOfTaking(SMALL);
    const large = await peakOfTaking(LARGE);
    expect(large - small).toBeLessThan(64);
  });
});
