import { execFileSync } from "node:child_process";
import { constants, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { Descriptor } from "../../src/cli/descriptor.js";
import { fileChunks } from "../../src/cli/file-chunks.js";
import { noise } from "./fixture/bytes.js";
import { useScratch } from "./fixture/scratch.js";

describe("Descriptor", () => {
  const scratch = useScratch();

  it("writes everything, in order, and reads it back to its end", async () => {
    const file = await Descriptor.open(scratch.file("file"), "wx+");
    await file.write(noise(1000).subarray(0, 400));
    await file.write(new Uint8Array(0));
    await file.write(noise(1000).subarray(400));
    await file.sync();
    await file.close();
    expect(readFileSync(scratch.file("file")).equals(noise(1000))).toBe(true);
    const again = await Descriptor.open(scratch.file("file"), "r");
    const buffer = new Uint8Array(700);
    expect([await again.read(buffer), await again.read(buffer), await again.read(buffer)]).toEqual([
      700, 300, 0,
    ]);
    await again.close();
  });

  it("writes on when the system has taken a part only", async () => {
    const path = scratch.file("pipe");
    execFileSync("mkfifo", [path]);
    const readerFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const file = await Descriptor.open(path, "w");
    const reader = new Socket({ fd: readerFd, readable: true, writable: false });
    const pieces: Buffer[] = [];
    reader.on("data", (piece: Buffer) => pieces.push(piece));
    const read = new Promise((resolve) => reader.on("end", resolve));
    await file.write(noise(1_000_000));
    await file.close();
    await read;
    expect(Buffer.concat(pieces).equals(noise(1_000_000))).toBe(true);
  });

  it("gives the system's error, and can be closed after it", async () => {
    writeFileSync(scratch.file("file"), "");
    await expect(Descriptor.open(scratch.file("missing"), "r")).rejects.toMatchObject({ code: "ENOENT" });
    const file = await Descriptor.open(scratch.file("file"), "r");
    await expect(file.write(noise(1))).rejects.toMatchObject({ code: "EBADF" });
    await file.close();
    await file.close();
  });

  it("waits for what is under way before it closes", async () => {
    const file = await Descriptor.open(scratch.file("file"), "w");
    const writing = file.write(noise(100_000));
    await file.close();
    await writing;
    expect(readFileSync(scratch.file("file")).length).toBe(100_000);
  });

  it("leaves a descriptor open that it did not open", async () => {
    const fd = openSync(scratch.file("file"), "w");
    await Descriptor.inherited(fd).close();
    expect(fstatSync(fd).isFile()).toBe(true);
  });
});

describe("fileChunks", () => {
  const scratch = useScratch();

  it.each([0, 1, 262_143, 262_144, 262_145, 1_000_000])(
    "gives all %i bytes of a file, in order",
    async (length) => {
      writeFileSync(scratch.file("file"), noise(length));
      const file = await Descriptor.open(scratch.file("file"), "r");
      const copies: Buffer[] = [];
      for await (const chunk of fileChunks(file)) {
        expect(chunk.length).toBeGreaterThan(0);
        copies.push(Buffer.from(chunk));
      }
      await file.close();
      expect(Buffer.concat(copies).equals(noise(length))).toBe(true);
    },
  );

  it("keeps a chunk as it is until the next one is asked for", async () => {
    writeFileSync(scratch.file("file"), noise(1_000_000));
    const file = await Descriptor.open(scratch.file("file"), "r");
    const chunks = fileChunks(file);
    const { value } = await chunks.next();
    const copy = Buffer.from(value as Uint8Array);
    // By then the next chunk has been read.
    await file.stat();
    expect(copy.equals(value as Uint8Array)).toBe(true);
    await chunks.return();
    await file.close();
  });

  it("lets go of a file in the middle", async () => {
    writeFileSync(scratch.file("file"), noise(1_000_000));
    const file = await Descriptor.open(scratch.file("file"), "r");
    for await (const chunk of fileChunks(file)) {
      expect(chunk.length).toBe(262_144);
      break;
    }
    await file.close();
    expect(() => fstatSync(file.fd)).toThrow("EBADF");
  });
});
