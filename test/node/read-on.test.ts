import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readConfigFile } from "../../src/node/authn/read-config-file.js";
import { diskSpool, fileOpener, openDiskStorage } from "../../src/node/index.js";
import { openPlainFile } from "../../src/node/plain-file.js";
import { newLayer } from "../../src/stream/index.js";
import { sha256 } from "../../src/v1/index.js";

/** Files as Node 20.0 has them: they read nothing, and say that they are at their end, unless they are told how much to read. */
vi.mock("node:fs/promises", async (original) => {
  const system = await original<typeof import("node:fs/promises")>();
  const open: typeof system.open = async (...where) => {
    const file = await system.open(...where);
    const read = file.read.bind(file) as (...told: unknown[]) => Promise<unknown>;
    const asItWas = async (buffer: Uint8Array, offset?: number, length?: number, position?: number | null) =>
      length === undefined ? { bytesRead: 0, buffer } : read(buffer, offset, length, position);
    return Object.assign(file, { read: asItWas });
  };
  return { ...system, open };
});

const TEXT = '{"auths":{}}';
let directory: string;
let path: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "varve-read-on-"));
  path = join(directory, "file");
  writeFileSync(path, TEXT);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function textOf(stream: ReadableStream<Uint8Array> | undefined): Promise<string> {
  return new Response(stream).text();
}

describe("a file that must be told how much to read", () => {
  it("is read as a tarball", async () => {
    expect(await textOf(await fileOpener(path)())).toBe(TEXT);
  });

  it("is read as part of a layout or a cache", async () => {
    const opened = await openPlainFile(path);
    expect(await textOf((opened as { readonly stream: ReadableStream<Uint8Array> }).stream)).toBe(TEXT);
  });

  it("is read as credentials", async () => {
    expect(await readConfigFile(path)).toBe(TEXT);
  });

  it("is read as a spool", async () => {
    await using layer = newLayer(new Blob([TEXT]), { compression: "none", spool: diskSpool({ directory }) });
    await layer.writeTo(() => {});
    expect(await textOf(await layer.uncompressed())).toBe(TEXT);
  });

  it("is read as a blob of a registry, and as an upload", async () => {
    const storage = await openDiskStorage(join(directory, "registry"));
    const upload = await storage.blobs.beginUpload();
    await upload.append(new Blob([TEXT]).stream());
    let read = "";
    for await (const bytes of upload.read()) read += new TextDecoder().decode(bytes);
    expect(read).toBe(TEXT);
    const { hash } = await sha256(new TextEncoder().encode(TEXT));
    await upload.commit("app", hash);
    expect(await textOf(await storage.blobs.open("app", hash))).toBe(TEXT);
  });
});
