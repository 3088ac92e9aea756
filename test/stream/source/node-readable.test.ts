import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request } from "node:http";
import {
  type AddressInfo,
  createConnection,
  createServer as createSocketServer,
  type Socket,
} from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex, PassThrough, Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newLayer, type Source, SourceError } from "../../../src/stream/index.js";
import { chunked, KIB, MIB, noise, SEGMENT, text } from "../fixture/bytes.js";
import { consume, expectTrue, rejection, valueErrors } from "../fixture/reading.js";
import { filesOfTar } from "../fixture/tar.js";
import { forbidUnhandledRejections, settles, turn } from "../fixture/turns.js";

forbidUnhandledRejections();

const directory = mkdtempSync(join(tmpdir(), "varve-stream-"));
const file = join(directory, "file");
const content = noise(2 * MIB + 17);

beforeAll(() => writeFileSync(file, content));
afterAll(() => rmSync(directory, { recursive: true }));

const HELLO = text("hello");

/** Waits for a stream to be closed, whether it fails or not. */
function closing(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.on("close", resolve);
  });
}

describe("a file", () => {
  it("is read whole, and closed", async () => {
    const stream = createReadStream(file);
    const layer = newLayer(stream);
    await expectTrue(layer, content, await consume(layer));
    await layer.sourceClosed;
    expect(stream.closed).toBe(true);
  });

  it("never passes through a Web stream or its own async iterator", async () => {
    const stream = createReadStream(file);
    const forbidden = (): never => {
      throw new Error("not this way");
    };
    const toWeb = Readable.toWeb;
    Readable.toWeb = forbidden;
    stream[Symbol.asyncIterator] = forbidden;
    try {
      const layer = newLayer(stream);
      await layer.writeTo(() => {});
      expect(await layer.size()).toBeGreaterThan(0);
    } finally {
      Readable.toWeb = toWeb;
    }
  });

  it("that does not exist gives its very error, even if that comes before anyone reads", async () => {
    const stream = createReadStream(join(directory, "none"));
    const layer = newLayer(stream);
    await closing(stream);
    const error = await rejection(consume(layer));
    expect(error).toMatchObject({ code: "ENOENT" });
    expect(error).toBe(stream.errored);
    for (const valueError of await valueErrors(layer)) {
      expect(valueError).toMatchObject({ code: "ERR_VARVE_STREAM_FAILED", cause: error });
    }
    await layer.sourceClosed;
  });

  it("that is a directory gives its very error", async () => {
    expect(await rejection(consume(newLayer(createReadStream(directory))))).toMatchObject({ code: "EISDIR" });
  });

  it("is closed when the layer is closed before or while it is read", async () => {
    for (const read of [false, true]) {
      const stream = createReadStream(file);
      const layer = newLayer(stream);
      const reader = (await layer.compressed()).getReader();
      if (read) {
        await reader.read();
      }
      await reader.cancel();
      await layer.sourceClosed;
      expect(stream.closed).toBe(true);
    }
  });

  it("whose owner keeps it open is left open at its end", async () => {
    const stream = createReadStream(file, { autoClose: false });
    const layer = newLayer(stream);
    await consume(layer);
    await layer.sourceClosed;
    expect(stream.destroyed).toBe(false);
    stream.destroy();
  });
});

describe("a Node stream", () => {
  it.each([1, 100, 16 * KIB, SEGMENT, 5 * MIB])(
    "with a highWaterMark of %d is read whole",
    async (highWaterMark) => {
      const input = content.subarray(0, Math.min(content.length, highWaterMark * 2000));
      const pieces = chunked(input, 10_000);
      const stream = new Readable({
        highWaterMark,
        read() {
          this.push(pieces.shift() ?? null);
        },
      });
      const layer = newLayer(stream);
      await expectTrue(layer, input, await consume(layer));
    },
  );

  it("in object mode is read chunk by chunk, empty chunks included", async () => {
    const layer = newLayer(Readable.from([text("he"), new Uint8Array(0), text("llo").buffer]));
    await expectTrue(layer, HELLO, await consume(layer));
  });

  it("that gives data later and later still is read whole", async () => {
    const pipe = new PassThrough();
    const layer = newLayer(pipe);
    const output = consume(layer);
    for (const piece of ["he", "l", "lo"]) {
      await turn();
      pipe.write(piece);
    }
    await turn();
    pipe.end();
    await expectTrue(layer, HELLO, await output);
  });

  it("that is paused is read all the same", async () => {
    const pipe = new PassThrough();
    pipe.pause();
    pipe.end(HELLO);
    const layer = newLayer(pipe);
    await expectTrue(layer, HELLO, await consume(layer));
  });

  it("whose first bytes were put back after a look at them is read whole", async () => {
    const pipe = new PassThrough();
    pipe.end(HELLO);
    await once(pipe, "readable");
    const head = pipe.read(2);
    pipe.unshift(head);
    const layer = newLayer(pipe);
    await expectTrue(layer, HELLO, await consume(layer));
  });

  it("that gives text is refused, and destroyed", async () => {
    const pipe = new PassThrough();
    pipe.setEncoding("utf8");
    pipe.end(HELLO);
    const layer = newLayer(pipe);
    const error = await rejection(consume(layer));
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ message: expect.stringContaining("setEncoding") });
    await layer.sourceClosed;
    expect(pipe.destroyed).toBe(true);
  });

  it("leaves no listener behind at its end", async () => {
    const pipe = new PassThrough();
    const before = pipe.eventNames();
    pipe.end(HELLO);
    const layer = newLayer(pipe);
    await consume(layer);
    await layer.sourceClosed;
    const kept = pipe.eventNames().filter((name) => !before.includes(name));
    expect(kept).toEqual(["error"]);
    expect(pipe.closed).toBe(true);
  });

  it("whose error comes after its end has failed to close, and its data is complete", async () => {
    const fault = new Error("fault");
    const stream = new Readable({ autoDestroy: false, read() {} });
    stream.push(HELLO);
    stream.push(null);
    stream.on("end", () => stream.destroy(fault));
    const layer = newLayer(stream);
    await expectTrue(layer, HELLO, await consume(layer));
    expect(await rejection(layer.sourceClosed)).toMatchObject({
      code: "ERR_VARVE_SOURCE_CLOSE",
      cause: fault,
    });
  });

  it.each([true, false])(
    "whose closing takes its time has closed when it says so (fails: %s)",
    async (fails) => {
      let done: (error: Error | null) => void = () => {};
      const stream = new Readable({
        read() {
          this.push(null);
        },
        destroy(_, callback) {
          done = callback;
        },
      });
      const layer = newLayer(stream);
      await consume(layer);
      expect(await layer.size()).toBeGreaterThan(0);
      expect(await settles(layer.sourceClosed, 3)).toBe(false);
      done(fails ? new Error("late") : null);
      expect(await settles(layer.sourceClosed, 3)).toBe(true);
      if (fails) {
        expect(await rejection(layer.sourceClosed)).toMatchObject({ cause: { message: "late" } });
      } else {
        await layer.sourceClosed;
      }
    },
  );

  it("that has closed silently before the layer looks counts as closed", async () => {
    const stream = new Readable({ emitClose: false, read() {} });
    const layer = newLayer(stream);
    await layer.close();
    await layer.sourceClosed;
    expect(stream.destroyed).toBe(true);
  });

  it("that fails while it is destroyed early has failed to close", async () => {
    const fault = new Error("fault");
    const stream = new Readable({
      read() {},
      destroy(_, callback) {
        callback(fault);
      },
    });
    const layer = newLayer(stream);
    await layer.close();
    expect(await rejection(layer.sourceClosed)).toMatchObject({
      code: "ERR_VARVE_SOURCE_CLOSE",
      cause: fault,
    });
    await turn();
  });

  it("that is destroyed while it is being read was closed before its end", async () => {
    const pipe = new PassThrough();
    pipe.write(HELLO);
    const layer = newLayer(pipe);
    const output = rejection(consume(layer));
    await turn();
    pipe.destroy();
    expect(await output).toBeInstanceOf(SourceError);
    expect(await output).toMatchObject({ message: expect.stringContaining("closed before its end") });
    expect((await valueErrors(layer))[0]).toMatchObject({
      code: "ERR_VARVE_STREAM_FAILED",
      cause: await output,
    });
    await layer.sourceClosed;
  });

  it("that is destroyed with an error while it is being read gives that very error", async () => {
    const fault = new Error("fault");
    const pipe = new PassThrough();
    const layer = newLayer(pipe);
    const output = rejection(consume(layer));
    await turn();
    pipe.destroy(fault);
    expect(await output).toBe(fault);
    await layer.sourceClosed;
  });

  it("that is being destroyed with an error when it is read gives that very error, and has not failed to close", async () => {
    const fault = new Error("fault");
    const stream = new Readable({
      read() {},
      destroy(error, callback) {
        setImmediate(callback, error);
      },
    });
    const layer = newLayer(stream);
    stream.destroy(fault);
    expect(await rejection(consume(layer))).toBe(fault);
    await layer.sourceClosed;
    expect(stream.closed).toBe(true);
  });

  it("that reports an error without being destroyed has failed, and is destroyed", async () => {
    const fault = new Error("fault");
    const stream = new Readable({ autoDestroy: false, read() {} });
    const layer = newLayer(stream);
    const output = rejection(consume(layer));
    await turn();
    stream.emit("error", fault);
    expect(await output).toBe(fault);
    await layer.sourceClosed;
    expect(stream.destroyed).toBe(true);
  });

  it("that had been destroyed before the layer was made is refused", async () => {
    const pipe = new PassThrough();
    pipe.destroy();
    await once(pipe, "close");
    expect(await rejection(consume(newLayer(pipe)))).toMatchObject({ code: "ERR_VARVE_SOURCE" });
  });

  it("that had failed before the layer was made gives its very error", async () => {
    const fault = new Error("fault");
    const pipe = new PassThrough();
    pipe.on("error", () => {});
    pipe.destroy(fault);
    await closing(pipe);
    const layer = newLayer(pipe);
    expect(await rejection(consume(layer))).toBe(fault);
    await layer.sourceClosed;
  });

  it("that had been read to its end before the layer was made is refused, not taken as empty", async () => {
    const pipe = new PassThrough();
    pipe.end(HELLO);
    pipe.resume();
    await once(pipe, "close");
    const error = await rejection(consume(newLayer(pipe)));
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ message: expect.stringContaining("read to its end before") });
  });

  it("that comes to its end between the making and the reading of the layer, by somebody else's reading, is refused", async () => {
    const pipe = new PassThrough();
    const layer = newLayer(pipe);
    pipe.end(HELLO);
    pipe.resume();
    await once(pipe, "close");
    expect(await rejection(consume(layer))).toBeInstanceOf(SourceError);
  });

  it("whose other half is still written to is not destroyed at its end", async () => {
    const server = createSocketServer({ allowHalfOpen: true }, (socket) => socket.end(HELLO)).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const socket: Socket = createConnection({ port, host: "127.0.0.1", allowHalfOpen: true });
    const layer = newLayer(socket);
    await expectTrue(layer, HELLO, await consume(layer));
    await layer.sourceClosed;
    expect(socket.destroyed).toBe(false);
    expect(socket.listenerCount("readable")).toBe(0);
    socket.end("thanks");
    await once(socket, "close");
    server.close();
  });

  it("of a child process that is killed gives what it gave, and its end", async () => {
    const child = spawn(process.execPath, [
      "-e",
      "process.stdout.write('hello'); setInterval(() => {}, 1000)",
    ]);
    await once(child.stdout, "readable");
    child.kill();
    const layer = newLayer(child.stdout);
    await expectTrue(layer, HELLO, await consume(layer));
  });

  it("of an HTTP request that breaks off gives its very error", async () => {
    const outcome = new Promise<unknown>((resolve) => {
      const server = createServer((message: IncomingMessage) => {
        rejection(consume(newLayer(message))).then((error) => {
          server.close();
          resolve(error);
        }, resolve);
      }).listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        const sending = request({ port, host: "127.0.0.1", method: "POST" });
        sending.on("error", () => {});
        sending.write(HELLO, () => sending.destroy());
      });
    });
    expect(await outcome).toMatchObject({ code: "ECONNRESET" });
  });

  it("of another library, tar-stream's pack, is read directly", async () => {
    const archive = pack();
    archive.entry({ name: "a" }, "content of a", () => archive.finalize());
    const layer = newLayer(archive);
    const tar = gunzipSync(await consume(layer));
    expect(await filesOfTar(tar)).toEqual(new Map([["a", "content of a"]]));
    await layer.sourceClosed;
  });

  it("of another library that is destroyed gives its very error, or was closed before its end", async () => {
    for (const fault of [new Error("fault"), undefined]) {
      const archive = pack();
      archive.entry({ name: "a" }, "content of a", () => {});
      const layer = newLayer(archive);
      const output = rejection(consume(layer));
      await turn();
      archive.destroy(fault);
      if (fault === undefined) {
        expect(await output).toBeInstanceOf(SourceError);
      } else {
        expect(await output).toBe(fault);
      }
      await layer.sourceClosed;
    }
  });

  it("of another library is destroyed when the layer is closed", async () => {
    const archive = pack();
    archive.entry({ name: "a" }, "content of a", () => {});
    const layer = newLayer(archive);
    await layer.close();
    await layer.sourceClosed;
    expect(archive.destroyed).toBe(true);
  });

  it("of the oldest kind, which cannot be destroyed, is read and let go of", async () => {
    const emitter = new EventEmitter();
    const pieces: (Uint8Array | null)[] = [text("he"), text("llo"), null];
    const stream = Object.assign(emitter, {
      read() {
        const piece = pieces.shift() ?? null;
        if (piece === null) {
          process.nextTick(() => emitter.emit("end"));
        }
        return piece;
      },
    });
    const layer = newLayer(stream as Source);
    await expectTrue(layer, HELLO, await consume(layer));
    await layer.sourceClosed;
    expect(emitter.eventNames()).toEqual([]);
    const closed = newLayer(stream as Source);
    await closed.close();
    await closed.sourceClosed;
  });

  it("of the oldest kind that has ended before it is read is refused, not taken as empty", async () => {
    const stream = Object.assign(new EventEmitter(), { read: () => null });
    const layer = newLayer(stream as Source);
    stream.emit("end");
    expect(await rejection(consume(layer))).toBeInstanceOf(SourceError);
  });

  it("is one half of a duplex, and its error is the error of either", async () => {
    const fault = new Error("fault");
    const duplex = new Duplex({
      read() {},
      write(_chunk, _encoding, callback) {
        callback(fault);
      },
    });
    const layer = newLayer(duplex);
    const output = rejection(consume(layer));
    await turn();
    duplex.write(HELLO);
    expect(await output).toBe(fault);
  });
});
