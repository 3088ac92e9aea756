import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ascii, concat } from "../fixtures/bytes.js";
import { encode } from "../fixtures/encode.js";
import { expectGzipOf } from "../fixtures/gunzip.js";
import { wasmFile } from "../fixtures/wasm.js";

type Core = typeof import("../../src/core/index.js");

/** A module graph in which nothing is loaded yet. */
async function freshCore(): Promise<Core> {
  vi.resetModules();
  return import("../../src/core/index.js");
}

const input = ascii("some input");
const notWasm = ascii("not WebAssembly at all");

/** The core works, all modules of it. */
function expectReady({ Gzip, Sha256, Sha512 }: Core): void {
  expectGzipOf(encode(new Gzip(1), input), input, 1);
  expect(Buffer.from(new Sha256().update(input).digest())).toEqual(
    createHash("sha256").update(input).digest(),
  );
  expect(Buffer.from(new Sha512().update(input).digest())).toEqual(
    createHash("sha512").update(input).digest(),
  );
}

function notInitialized({
  Gzip,
  GzipLayerMachine,
  IdentityLayerMachine,
  Sha256,
  sha256,
  Sha512,
  sha512,
  crc32,
}: Core) {
  return [
    () => new Gzip(1),
    () => new GzipLayerMachine(1),
    () => new IdentityLayerMachine(),
    () => new Sha256(),
    () => sha256(input),
    () => new Sha512(),
    () => sha512(input),
    () => crc32(input),
  ];
}

let core: Core;
beforeEach(async () => {
  core = await freshCore();
});

/** Bytes with ten others before and after them. */
function inTheMiddle(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(new Uint8Array(10), bytes, new Uint8Array(10));
}

describe("before init", () => {
  it("everything that needs the modules says so", () => {
    for (const use of notInitialized(core)) {
      expect(use).toThrow(core.NotInitializedError);
      expect(use).toThrow(core.VarveError);
      expect(use).toThrow(
        expect.objectContaining({ code: "ERR_VARVE_NOT_INITIALIZED", name: "NotInitializedError" }),
      );
      expect(use).toThrow(/await init\(\)/);
    }
  });

  it("a compression level that doesn't exist is refused as such", () => {
    expect(() => new core.Gzip(99)).toThrow(core.CompressionLevelError);
  });
});

describe("init", () => {
  it("loads the modules of the package, once, whoever asks", async () => {
    const compile = vi.spyOn(WebAssembly, "compile");
    await Promise.all([core.init(), core.init(), core.init()]);
    await core.init();
    expect(compile).toHaveBeenCalledTimes(3);
    compile.mockRestore();
    expectReady(core);
  });

  it("is not needed after initSync, which changes nothing when it is called again", () => {
    core.initSync();
    core.initSync({ core: notWasm });
    expectReady(core);
  });

  it("takes compiled modules from outside and compiles nothing then", async () => {
    const modules = {
      core: new WebAssembly.Module(wasmFile("core")),
      sha256: new WebAssembly.Module(wasmFile("sha256")),
      sha512: new WebAssembly.Module(wasmFile("sha512")),
    };
    const compile = vi.spyOn(WebAssembly, "compile");
    await core.init(modules);
    expect(compile).not.toHaveBeenCalled();
    compile.mockRestore();
    expectReady(core);
    const another = await freshCore();
    another.initSync(modules);
    expectReady(another);
  });

  it.each([
    ["an ArrayBuffer", (bytes: Uint8Array<ArrayBuffer>) => bytes.buffer.slice(0, bytes.length)],
    ["a Uint8Array", (bytes: Uint8Array<ArrayBuffer>) => bytes],
    [
      "a Uint8Array in the middle of its buffer",
      (bytes: Uint8Array<ArrayBuffer>) => inTheMiddle(bytes).subarray(10, 10 + bytes.length),
    ],
    [
      "a DataView",
      (bytes: Uint8Array<ArrayBuffer>) => new DataView(inTheMiddle(bytes).buffer, 10, bytes.length),
    ],
  ] as const)("takes the bytes of modules as %s", async (_, form) => {
    await core.init({
      core: form(wasmFile("core")),
      sha256: form(wasmFile("sha256")),
      sha512: form(wasmFile("sha512")),
    });
    expectReady(core);
    const another = await freshCore();
    another.initSync({
      core: form(wasmFile("core")),
      sha256: form(wasmFile("sha256")),
      sha512: form(wasmFile("sha512")),
    });
    expectReady(another);
  });

  it("takes one module from outside and the other from the package", async () => {
    await core.init({ core: wasmFile("core") });
    expectReady(core);
  });
});

describe("a module that can't be compiled", () => {
  function expectUnavailable(error: unknown): void {
    expect(error).toBeInstanceOf(core.WebAssemblyUnavailableError);
    expect(error).toBeInstanceOf(core.VarveError);
    expect(error).toMatchObject({
      code: "ERR_VARVE_WEBASSEMBLY_UNAVAILABLE",
      name: "WebAssemblyUnavailableError",
    });
    const { message, cause } = error as Error;
    expect(cause).toBeInstanceOf(WebAssembly.CompileError);
    expect(message).toContain((cause as Error).message);
    expect(message).toMatch(/wasm-unsafe-eval.*workerd.*init\(\).*SIMD/);
  }

  it.each(["core", "sha256", "sha512"])(
    "is reported by init, not remembered, and leaves the rest to be loaded later: %s",
    async (name) => {
      const error = await core.init({ [name]: notWasm }).catch((reason: unknown) => reason);
      expectUnavailable(error);
      await core.init();
      expectReady(core);
    },
  );

  it.each(["core", "sha256", "sha512"])(
    "is reported by initSync, not remembered, and leaves the rest to be loaded later: %s",
    (name) => {
      let error: unknown;
      try {
        core.initSync({ [name]: notWasm });
      } catch (reason) {
        error = reason;
      }
      expectUnavailable(error);
      core.initSync();
      expectReady(core);
    },
  );

  it("is reported to everyone who waits for the same attempt, and the next attempt is a new one", async () => {
    const outcomes = await Promise.allSettled([core.init({ core: notWasm }), core.init()]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    for (const use of notInitialized(core).slice(0, 3)) expect(use).toThrow(core.NotInitializedError);
    await core.init();
    expectReady(core);
  });

  it("is reported with its reason whatever was thrown", async () => {
    const compile = vi.spyOn(WebAssembly, "compile").mockRejectedValue("blocked by policy");
    await expect(core.init()).rejects.toThrow(/can't be compiled here \(blocked by policy\)/);
    compile.mockRestore();
  });
});
