import type { Machine } from "../core/index.js";
import { type Compression, ociLayerZStd, type ReadingOptions } from "../v1/index.js";
import { DEFAULT_LEVEL } from "./level.js";
import { loadPeer } from "./peer.js";
import { UnzstdLayerMachine } from "./unzstd-layer-machine.js";
import { ZstdLayerMachine } from "./zstd-layer-machine.js";

/**
 * Zstandard, RFC 8878, at levels 1 to 22. Reading needs nothing; writing needs the package `@bokuweb/zstd-wasm`,
 * whose release decides the bytes.
 */
export const zstd: Compression = {
  name: "zstd",
  defaultMediaType: ociLayerZStd,
  defaultLevel: DEFAULT_LEVEL,
  prepare: (): Promise<void> => loadPeer(),
  newMachine: (level: number): Machine => new ZstdLayerMachine(level),
  newReadingMachine: (options: ReadingOptions = {}): Machine => new UnzstdLayerMachine(options),
};
