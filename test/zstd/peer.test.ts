import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newLayer } from "../../src/stream/index.js";
import { text } from "../fixtures/bytes.js";

type Zstd = typeof import("../../src/zstd/index.js");

/** The peer as if it were that; `varve/zstd` is loaded anew, since it remembers an encoder. */
async function zstdWith(peer: () => object): Promise<Zstd> {
  vi.doMock("@bokuweb/zstd-wasm", peer);
  return import("../../src/zstd/index.js");
}

/** Restores what a test has put in place of a global. */
beforeEach(() => vi.resetModules());
afterEach(() => {
  vi.doUnmock("@bokuweb/zstd-wasm");
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("an encoder for zstd", () => {
  it("that is not installed is named in the error, with the command that installs it", async () => {
    const { zstd, ZstdEncoderError } = await zstdWith(() => {
      throw new Error("Cannot find package");
    });
    const layer = newLayer(text(10, 1), { compression: zstd });
    const error = await layer.compressed().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ZstdEncoderError);
    expect(error).toMatchObject({ name: "ZstdEncoderError", code: "ERR_VARVE_ZSTD_ENCODER" });
    expect((error as Error).message).toContain("npm install @bokuweb/zstd-wasm");
    await expect(layer.digest()).rejects.toMatchObject({ code: "ERR_VARVE_STREAM_FAILED", cause: error });
  });

  it("is not needed for reading", async () => {
    const { unzstd } = await zstdWith(() => {
      throw new Error("Cannot find package");
    });
    expect(unzstd(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0))).toHaveLength(0);
  });

  it("is to be loaded before a machine is made", async () => {
    const { zstd } = await zstdWith(() => ({ init: async () => {}, compress: () => new Uint8Array(1) }));
    expect(() => zstd.newMachine(3)).toThrow(/await loadEncoder\(\)/);
    await zstd.prepare?.();
    await (await import("../../src/core/index.js")).init();
    zstd.newMachine(3).release();
  });

  it("is loaded once, and again after a failure", async () => {
    let loads = 0;
    const { loadEncoder, ZstdEncoderError } = await zstdWith(() => ({
      init: async () => {
        loads++;
        if (loads === 1) throw new Error("out of luck");
      },
      compress: () => new Uint8Array(1),
    }));
    await expect(loadEncoder()).rejects.toThrow(/could not be started \(out of luck\)/);
    await expect(loadEncoder()).resolves.toBeUndefined();
    await Promise.all([loadEncoder(), loadEncoder()]);
    expect(loads).toBe(2);
    expect(ZstdEncoderError.name).toBe("ZstdEncoderError");
  });

  it("that never starts is given up", async () => {
    const { loadEncoder } = await zstdWith(() => ({ init: () => new Promise(() => {}), compress: () => {} }));
    // The module is fetched under real time; only the limit's clock is turned.
    vi.useFakeTimers();
    const loading = loadEncoder().catch((thrown: unknown) => thrown);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    vi.advanceTimersByTime(30_000);
    expect(await loading).toMatchObject({ code: "ERR_VARVE_ZSTD_ENCODER" });
  });

  it("is given the address or the bytes of its module", async () => {
    const given: unknown[] = [];
    const peer = () => ({ init: async (wasm: unknown) => void given.push(wasm), compress: () => {} });
    await (await zstdWith(peer)).loadEncoder(new URL("https://example.com/zstd.wasm"));
    vi.resetModules();
    const bytes = Uint8Array.of(1);
    await (await zstdWith(peer)).loadEncoder(bytes);
    expect(given).toEqual(["https://example.com/zstd.wasm", bytes]);
  });

  it("cannot be where WebAssembly may not be compiled", async () => {
    const { loadEncoder } = await zstdWith(() => ({ init: async () => {}, compress: () => {} }));
    vi.spyOn(WebAssembly, "compile").mockRejectedValue(new WebAssembly.CompileError("not allowed"));
    await expect(loadEncoder()).rejects.toMatchObject({
      code: "ERR_VARVE_ZSTD_ENCODER",
      message: expect.stringContaining("Cloudflare Workers"),
    });
  });
});
