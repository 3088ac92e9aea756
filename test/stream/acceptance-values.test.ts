import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { newLayer } from "../../src/stream/index.js";
import { emptyHash, gzip } from "../../src/v1/index.js";
import { KIB, MIB, noise, SEGMENT, sha256Text, text } from "./fixture/bytes.js";
import { consume, expectTrue } from "./fixture/reading.js";
import { filesOfTar, tarThroughPipe } from "./fixture/tar.js";
import { forbidUnhandledRejections } from "./fixture/turns.js";

forbidUnhandledRejections();

const TEN_THOUSAND = text("a".repeat(10_000));

describe("the values of a layer", () => {
  it("acceptance 1: ten thousand times 'a' have the known diffID, and digest and size are those of the bytes that are read", async () => {
    const layer = newLayer([TEN_THOUSAND]);
    const output = await consume(layer);
    await expectTrue(layer, TEN_THOUSAND, output);
    expect(String(await layer.diffID())).toBe(
      "sha256:27dd1f61b867b6a0f6e9d8a41c43231de52107e53ae424de8f847b821db4b711",
    );
    expect(output.length).toBeLessThan(100);
  });

  it("acceptance 2: two levels give one diffID and two digests", async () => {
    const stored = newLayer([TEN_THOUSAND], { compressionLevel: 0 });
    const compressed = newLayer([TEN_THOUSAND], { compressionLevel: 1 });
    await expectTrue(stored, TEN_THOUSAND, await consume(stored));
    await expectTrue(compressed, TEN_THOUSAND, await consume(compressed));
    expect(await stored.diffID()).toEqual(await compressed.diffID());
    expect(await stored.digest()).not.toEqual(await compressed.digest());
  });

  it("acceptance 3: ten million random bytes grow by at most 0.1 %, with never more than a segment and a chunk in flight", async () => {
    const input = noise(10_000_000);
    const chunk = 64 * KIB;
    let given = 0;
    const source = function* (): Generator<Uint8Array> {
      for (let offset = 0; offset < input.length; offset += chunk) {
        const piece = input.subarray(offset, offset + chunk);
        given += piece.length;
        yield piece;
      }
    };
    const layer = newLayer(source());
    const pieces: Uint8Array[] = [];
    let taken = 0;
    let inFlight = 0;
    for await (const piece of await layer.compressed()) {
      pieces.push(piece);
      taken += piece.length;
      inFlight = Math.max(inFlight, given - taken);
    }
    const output = Buffer.concat(pieces);
    await expectTrue(layer, input, output);
    expect(output.length).toBeGreaterThan(input.length);
    expect(output.length).toBeLessThanOrEqual(input.length * 1.001);
    expect(inFlight).toBeLessThanOrEqual(SEGMENT + chunk);
  });

  it("acceptance 4: a tar that is produced while it is read keeps its thousand entries, with one digest in every run", async () => {
    const files = new Map(
      Array.from({ length: 1000 }, (_, i) => [`directory/file-${i}.txt`, `content of ${i}\n`.repeat(i % 7)]),
    );
    const digests: string[] = [];
    for (let run = 0; run < 2; run++) {
      const layer = newLayer(tarThroughPipe(files));
      const tar = gunzipSync(await consume(layer));
      expect(await filesOfTar(tar)).toEqual(files);
      expect(String(await layer.diffID())).toBe(sha256Text(tar));
      digests.push(String(await layer.digest()));
    }
    expect(digests[1]).toBe(digests[0]);
  });

  it.each([
    ["an empty array", []],
    ["a chunk of no bytes", [new Uint8Array(0)]],
    ["no bytes", new Uint8Array(0)],
    ["an empty blob", new Blob([])],
    ["a response without a body", new Response(null)],
  ])("acceptance 13: %s makes a valid empty gzip, whose size is not 0", async (_, source) => {
    const layer = newLayer(source);
    const output = await consume(layer);
    await expectTrue(layer, new Uint8Array(0), output);
    expect(await layer.diffID()).toEqual(emptyHash);
    expect(await layer.size()).toBeGreaterThan(0);
  });

  it("acceptance 14: when the reader says done, the values are there already", async () => {
    const layer = newLayer([noise(MIB)]);
    const reader = (await layer.compressed()).getReader();
    const settled: string[] = [];
    layer.result.then(() => settled.push("result"));
    const atEnd = new Promise<void>((resolve, reject) => {
      const read = (): void => {
        reader.read().then(({ done }) => {
          if (!done) {
            read();
            return;
          }
          settled.push("done");
          Promise.all([layer.digest(), layer.diffID(), layer.size()]).then(() => resolve(), reject);
        }, reject);
      };
      read();
    });
    await atEnd;
    expect(settled).toEqual(["result", "done"]);
  });

  it("acceptance 17: the media type is Docker's gzip layer, or the very string that was given", async () => {
    expect(await newLayer([]).mediaType()).toBe("application/vnd.docker.image.rootfs.diff.tar.gzip");
    expect(await newLayer([], { compression: gzip }).mediaType()).toBe(
      "application/vnd.docker.image.rootfs.diff.tar.gzip",
    );
    expect(await newLayer([], { compression: "none" }).mediaType()).toBe(
      "application/vnd.docker.image.rootfs.diff.tar",
    );
    for (const mediaType of ["application/vnd.oci.image.layer.v1.tar+zstd", " Odd;\u00e9 ", ""]) {
      const layer = newLayer([TEN_THOUSAND], { mediaType });
      expect(await layer.mediaType()).toBe(mediaType);
      await expectTrue(layer, TEN_THOUSAND, await consume(layer));
      expect(await layer.mediaType()).toBe(mediaType);
    }
  });
});
