import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileOpener, streamToFile } from "../../src/node/index.js";
import { image as randomImage } from "../../src/random/index.js";
import { calculateSize, image, write } from "../../src/tarball/index.js";
import { ascii, randomBytes } from "../fixtures/bytes.js";
import { inPieces, thrownBy } from "../tar/fixture/reading.js";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "varve-file-"));
  path = join(directory, "file");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("a stream that is written into a file", () => {
  it("is there as a whole, in place of what was there before", async () => {
    const content = randomBytes(300_000, 1);
    writeFileSync(path, "before");
    expect(await streamToFile(path, inPieces(content))).toBe(content.length);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(await streamToFile(path, inPieces(new Uint8Array(0)))).toBe(0);
    expect(readFileSync(path)).toHaveLength(0);
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  it("leaves what was there before when it fails, and nothing else", async () => {
    writeFileSync(path, "before");
    const failure = new Error("unplugged");
    let pulls = 0;
    const failing = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulls++ === 0) controller.enqueue(ascii("part"));
        else controller.error(failure);
      },
    });
    expect(await thrownBy(() => streamToFile(path, failing))).toBe(failure);
    expect(readFileSync(path, "utf8")).toBe("before");
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  it("is cancelled when the file can't be written, which is the system's error", async () => {
    let cancelled = 0;
    const stream = (): ReadableStream<Uint8Array> => {
      return new ReadableStream(
        {
          pull: (controller) => controller.enqueue(ascii("x")),
          cancel: () => {
            cancelled++;
          },
        },
        { highWaterMark: 0 },
      );
    };
    expect(await thrownBy(() => streamToFile(join(directory, "none/file"), stream()))).toMatchObject({
      code: "ENOENT",
    });
    expect(cancelled).toBe(1);
    mkdirSync(path);
    const error = await thrownBy(() => streamToFile(path, inPieces(ascii("x"))));
    expect(error).toMatchObject({ syscall: "rename" });
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  it("ends with its signal, even while the stream gives nothing", async () => {
    const controller = new AbortController();
    let cancelled = 0;
    const hanging = new ReadableStream<Uint8Array>({
      pull: () => new Promise(() => {}),
      cancel: () => {
        cancelled++;
      },
    });
    setTimeout(() => controller.abort("enough"), 5);
    expect(await thrownBy(() => streamToFile(path, hanging, { signal: controller.signal }))).toMatchObject({
      code: "ERR_VARVE_ABORTED",
    });
    expect(cancelled).toBe(1);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("may be a tarball, which is an image when it is opened again", async () => {
    const made = randomImage(100_000, 2, { seed: 1 });
    const size = await streamToFile(path, await write("app:v1", made));
    expect(size).toBe(await calculateSize([["app:v1", made]]));
    const read = await image(fileOpener(path), "app:v1");
    expect(await read.digest()).toEqual(await made.digest());
  });
});
