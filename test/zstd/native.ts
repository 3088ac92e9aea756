import { spawnSync } from "node:child_process";
import { compress, decompress, init } from "@bokuweb/zstd-wasm";

/** Whether Debian's `zstd` is on this machine. */
export const hasZstd: boolean = spawnSync("zstd", ["--version"]).status === 0;

/** Where every suite is required, a missing program fails its tests instead of skipping them. */
export const zstdRequired: boolean = process.env.VARVE_TEST_REQUIRE === "all";

/** Runs the `zstd` program; undefined if it refuses its input. */
export function zstdProgram(args: readonly string[], input: Uint8Array): Uint8Array | undefined {
  const { status, stdout, error } = spawnSync("zstd", ["-q", "-c", ...args], { input, maxBuffer: 2 ** 28 });
  if (error !== undefined) throw error;
  return status === 0 ? stdout : undefined;
}

/** The reference implementation, compiled to WebAssembly: compresses to one frame that tells its content's size. */
export async function reference(): Promise<{
  compress(bytes: Uint8Array, level: number): Uint8Array<ArrayBuffer>;
  /** Undefined if it refuses the input; `most` bounds the content of frames that don't tell its size. */
  decompress(bytes: Uint8Array, most: number): Uint8Array | undefined;
}> {
  await init();
  return {
    compress: (bytes, level) => new Uint8Array(compress(bytes, level)),
    decompress(bytes, most) {
      try {
        return decompress(bytes, { defaultHeapSize: most });
      } catch {
        return undefined;
      }
    },
  };
}
