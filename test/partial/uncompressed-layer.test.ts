import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { gzip as gzipBytes } from "../../src/core/index.js";
import { type UncompressedLayer, uncompressedToLayer } from "../../src/partial/index.js";
import { newLayer } from "../../src/stream/index.js";
import { dockerLayer, dockerUncompressedLayer, ociLayer } from "../../src/v1/index.js";
import { chunksOf, contentOf, watched } from "../bytes/fixture/streams.js";
import { chunked, noise, sha256Text, text } from "../stream/fixture/bytes.js";
import { counted } from "../stream/fixture/machines.js";
import { consume, rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections, settles } from "../stream/fixture/turns.js";
import { hashOfBytes, uncompressedLayer } from "./fixture/objects.js";

forbidUnhandledRejections();

const KIB = 1024;
const content = noise(700 * KIB);

/** An uncompressed layer whose stream is the next that is given. */
function opening(open: () => ReadableStream<Uint8Array>): UncompressedLayer {
  return { ...uncompressedLayer(content), uncompressed: async () => open() };
}

describe("uncompressedToLayer", () => {
  it("opens nothing when it is made, nor for what it can hand on", async () => {
    const inner = uncompressedLayer(content);
    const layer = uncompressedToLayer(inner);
    await layer.diffID();
    await layer.mediaType();
    expect(inner.journal.opened).toBe(0);
  });

  it("gives the bytes that a streaming layer gives, at any level", async () => {
    for (const compressionLevel of [undefined, 0, 6]) {
      const layer = uncompressedToLayer(uncompressedLayer(content), { compressionLevel });
      const streamed = newLayer([content], { compressionLevel });
      expect(Buffer.compare(await contentOf(await layer.compressed()), await consume(streamed))).toBe(0);
      expect(await layer.digest()).toEqual(await streamed.digest());
    }
    const layer = uncompressedToLayer(uncompressedLayer(content));
    expect(Buffer.compare(await contentOf(await layer.compressed()), gzipBytes(content, { level: 1 }))).toBe(
      0,
    );
  });

  it("gives owned pieces of at least 64 KiB, and reads no further than they take", async () => {
    const record = watched(chunked(content, 64 * KIB));
    const layer = uncompressedToLayer(opening(() => record.stream));
    const stream = await layer.compressed();
    await new Promise((resolve) => setTimeout(resolve));
    expect(record.pulls).toBe(0);
    const reader = stream.getReader();
    const first = await reader.read();
    await new Promise((resolve) => setTimeout(resolve));
    expect(record.pulls).toBeLessThanOrEqual(5);
    expect(first.value!.length).toBeGreaterThanOrEqual(64 * KIB);
    await reader.cancel();
    const pieces = await chunksOf(await uncompressedToLayer(uncompressedLayer(content)).compressed());
    expect(pieces.slice(0, -1).every((piece) => piece.length >= 64 * KIB)).toBe(true);
    expect(new Set(pieces.map((piece) => piece.buffer)).size).toBe(pieces.length);
  });

  it("gives the same digest with threads and with the runtime's own hashes", async () => {
    const plain = await uncompressedToLayer(uncompressedLayer(content)).digest();
    expect(await uncompressedToLayer(uncompressedLayer(content), { sha256: "native" }).digest()).toEqual(
      plain,
    );
    expect(await uncompressedToLayer(uncompressedLayer(content), { threads: 2 }).digest()).toEqual(plain);
  });

  it("compresses once for all who ask at a time, and not for those who ask after a complete reading", async () => {
    const inner = uncompressedLayer(content);
    const layer = uncompressedToLayer(inner);
    await Promise.all([layer.digest(), layer.size(), layer.digest()]);
    expect(inner.journal.opened).toBe(1);

    const other = uncompressedLayer(content);
    const read = uncompressedToLayer(other);
    const bytes = await contentOf(await read.compressed());
    expect(String(await read.digest())).toBe(sha256Text(bytes));
    expect(await read.size()).toBe(bytes.length);
    expect(other.journal.opened).toBe(1);
  });

  it("does not remember a failure (upstream does)", async () => {
    const failure = new Error("torn");
    const streams = [watched([content.subarray(0, 10)], { failure }).stream, watched([content]).stream];
    const layer = uncompressedToLayer(opening(() => streams.shift()!));
    const [digest, size] = await Promise.all([rejection(layer.digest()), rejection(layer.size())]);
    expect(digest).toBe(failure);
    expect(size).toBe(failure);
    expect(await layer.size()).toBeGreaterThan(0);
  });

  it("never has a digest of a reading that was given up or has failed", async () => {
    const failure = new Error("torn");
    const streams = [
      watched([content], {}).stream,
      watched([content], { failure }).stream,
      watched([content]).stream,
    ];
    const layer = uncompressedToLayer(opening(() => streams.shift()!));
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    await reader.cancel();
    expect(await rejection(contentOf(await layer.compressed()))).toBe(failure);
    const digest = await layer.digest();
    expect(String(digest)).toBe(sha256Text(gzipBytes(content, { level: 1 })));
  });

  it("fails a reading that gives other bytes than an earlier one did", async () => {
    const streams = [watched([content]).stream, watched([text("changed")]).stream, watched([content]).stream];
    const layer = uncompressedToLayer(opening(() => streams.shift()!));
    const digest = await layer.digest();
    expect(await rejection(contentOf(await layer.compressed()))).toMatchObject({
      code: "ERR_VARVE_VERIFICATION",
      expected: { digest },
    });
    expect(hashOfBytes(await contentOf(await layer.compressed()))).toEqual(digest);
    expect(await layer.digest()).toBe(digest);
  });

  it("closes the source and releases the machine once, however the reading ends", async () => {
    for (const end of ["read", "cancel", "fail"] as const) {
      const compression = counted();
      const record = watched([content], end === "fail" ? { failure: new Error("torn") } : {});
      const stream = await uncompressedToLayer(
        opening(() => record.stream),
        { compression },
      ).compressed();
      if (end === "read") await contentOf(stream);
      if (end === "cancel") await stream.cancel("enough");
      if (end === "fail") await rejection(contentOf(stream));
      expect(compression.journal).toEqual({ made: 1, released: 1 });
      expect(record.cancelled).toEqual(end === "cancel" ? ["enough"] : []);
    }
  });

  it("releases the machine when the content can't be opened, and fails as that does", async () => {
    const compression = counted();
    const failure = new Error("no such file");
    const inner = { ...uncompressedLayer(content), uncompressed: () => Promise.reject(failure) };
    expect(await rejection(uncompressedToLayer(inner, { compression }).compressed())).toBe(failure);
    expect(compression.journal).toEqual({ made: 1, released: 1 });
  });

  it("refuses a level that doesn't exist when bytes are needed, and does not open the content", async () => {
    const inner = uncompressedLayer(content);
    const layer = uncompressedToLayer(inner, { compressionLevel: 42 });
    for (const refused of [layer.compressed(), layer.digest(), layer.size()]) {
      expect(await rejection(refused)).toMatchObject({ code: "ERR_VARVE_COMPRESSION_LEVEL" });
    }
    expect(inner.journal.opened).toBe(0);
  });

  it("leaves the bytes as they are with none, and says so", async () => {
    const layer = uncompressedToLayer(uncompressedLayer(content), { compression: "none" });
    expect(Buffer.compare(await contentOf(await layer.compressed()), content)).toBe(0);
    expect(await layer.digest()).toEqual(await layer.diffID());
    expect(await layer.mediaType()).toBe(dockerUncompressedLayer);
  });

  it("refuses zstd that was not imported, with what to import, and compresses with it once it was", async () => {
    const options = { compression: "zstd" } as const;
    expect(() => uncompressedToLayer(uncompressedLayer(content), options)).toThrow(
      '"varve/zstd" has been imported',
    );
    const { unzstd } = await import("../../src/zstd/index.js");
    const layer = uncompressedToLayer(uncompressedLayer(content), options);
    const bytes = await contentOf(await layer.compressed());
    expect(Buffer.compare(unzstd(bytes), content)).toBe(0);
    expect(await layer.mediaType()).toBe("application/vnd.oci.image.layer.v1.tar+zstd");
    expect(String(await layer.digest())).toBe(sha256Text(bytes));
  });

  it("says what it was told to say that it is, whatever the bytes are", async () => {
    const inner = uncompressedLayer(content, ociLayer);
    expect(await uncompressedToLayer(inner).mediaType()).toBe(ociLayer);
    expect(await uncompressedToLayer(inner, { mediaType: dockerLayer }).mediaType()).toBe(dockerLayer);
    expect(await uncompressedToLayer(inner, { compression: "none", mediaType: "a/b" }).mediaType()).toBe(
      "a/b",
    );
  });

  it("lets one give up while another waits, and stops when nobody does", async () => {
    let cancelled = 0;
    const hanging = (): ReadableStream<Uint8Array> =>
      watched([content], {
        hangs: true,
        cancel: async () => {
          cancelled++;
        },
      }).stream;
    const layer = uncompressedToLayer(opening(hanging));
    const first = new AbortController();
    const second = new AbortController();
    const waiting = [layer.digest({ signal: first.signal }), layer.size({ signal: second.signal })].map(
      rejection,
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    first.abort("one");
    expect(await waiting[0]).toBe("one");
    expect(await settles(waiting[1]!)).toBe(false);
    expect(cancelled).toBe(0);
    second.abort("two");
    expect(await waiting[1]).toBe("two");
    expect(await settles(new Promise((resolve) => setTimeout(resolve, 5)))).toBeDefined();
    expect(cancelled).toBe(1);
  });

  it("ends a reading at once when its signal is aborted", async () => {
    const record = watched([], { hangs: true });
    const controller = new AbortController();
    const layer = uncompressedToLayer(opening(() => record.stream));
    const reading = rejection(contentOf(await layer.compressed({ signal: controller.signal })));
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort("enough");
    expect(await reading).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
    expect(record.cancelled).toHaveLength(1);
  });

  it("compresses a text that gunzips to it", async () => {
    const layer = uncompressedToLayer(uncompressedLayer(text("hello")));
    expect(gunzipSync(await contentOf(await layer.compressed())).toString()).toBe("hello");
  });
});
