import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diskSpool } from "../../src/node/index.js";
import { newLayer, SpoolError, type StreamLayer } from "../../src/stream/index.js";
import { mixed } from "../fixtures/bytes.js";
import { pieces } from "../portable/chunks.js";
import { consume, readAll, rejection } from "../stream/fixture/reading.js";
import { failing } from "../stream/fixture/sources.js";

const INPUT = mixed(1_500_000, 1);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "varve-disk-spool-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function spooled(): StreamLayer {
  return newLayer(pieces(INPUT, 100_000), { spool: diskSpool({ directory }) });
}

/** The path of the one file that there is. */
function onlyFile(): string {
  const [name, ...others] = readdirSync(directory);
  expect(others).toEqual([]);
  return join(directory, name!);
}

describe("diskSpool", () => {
  it("keeps the compressed bytes in a file of its owner's alone, from the first bytes on", async () => {
    const layer = spooled();
    expect(readdirSync(directory)).toEqual([]);
    const output = await consume(layer);
    expect(Buffer.compare(readFileSync(onlyFile()), output)).toBe(0);
    if (process.platform !== "win32") expect(statSync(onlyFile()).mode & 0o777).toBe(0o600);
    await layer.close();
  });

  it("lets the layer be read again, in both forms and side by side", async () => {
    const layer = spooled();
    const output = await consume(layer);
    const [content, again] = await Promise.all([layer.uncompressed().then(readAll), consume(layer)]);
    expect(Buffer.compare(content, INPUT)).toBe(0);
    expect(Buffer.compare(again, output)).toBe(0);
    await layer.close();
  });

  it("removes the file when the layer is closed, twice or not, and when it is disposed of", async () => {
    const closed = spooled();
    await consume(closed);
    await closed.close();
    await closed.close();
    expect(readdirSync(directory)).toEqual([]);
    const disposed = spooled();
    await consume(disposed);
    await disposed[Symbol.asyncDispose]();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("removes the file when the layer fails or is cancelled, even during a write", async () => {
    const failed = newLayer(failing([INPUT], new Error("gone")), { spool: diskSpool({ directory }) });
    await rejection(consume(failed));
    await failed.close();
    expect(readdirSync(directory)).toEqual([]);
    const cancelled = spooled();
    const reader = (await cancelled.compressed()).getReader();
    const pending = reader.read();
    await reader.cancel();
    await pending;
    await cancelled.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("leaves no file of a layer that is never read", async () => {
    const layer = spooled();
    await layer.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("fails the layer where the file cannot be made, with the system's error as the cause", async () => {
    const layer = newLayer(INPUT, { spool: diskSpool({ directory: join(directory, "absent") }) });
    const error = await rejection(consume(layer));
    expect(error).toBeInstanceOf(SpoolError);
    expect(error).toMatchObject({ cause: { code: "ENOENT" } });
  });

  it("finds out that the file was changed, or became shorter", async () => {
    const changed = spooled();
    await consume(changed);
    const bytes = readFileSync(onlyFile());
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(onlyFile(), bytes);
    expect(await rejection(consume(changed))).toBeInstanceOf(SpoolError);
    truncateSync(onlyFile(), 1000);
    expect(await rejection(consume(changed))).toBeInstanceOf(SpoolError);
    await changed.close();
  });

  it("fails a reading that goes on after the file was removed", async () => {
    const layer = newLayer(INPUT, { compression: "none", spool: diskSpool({ directory }) });
    await consume(layer);
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    await layer.close();
    const error = await rejection(
      (async () => {
        for (;;) if ((await reader.read()).done) return;
      })(),
    );
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toContain("removed");
  });

  it("uses the system's directory for temporary files unless it is told another", async () => {
    const before = new Set(readdirSync(tmpdir()));
    const layer = newLayer(INPUT, { spool: diskSpool() });
    await consume(layer);
    const made = readdirSync(tmpdir()).filter((name) => name.startsWith("varve-spool-") && !before.has(name));
    expect(made.length).toBeGreaterThanOrEqual(1);
    await layer.close();
    for (const name of made) expect(name).toMatch(/^varve-spool-[0-9a-f-]{36}$/u);
  });
});
