import { expect, it } from "vitest";
import * as core from "../../src/core/index.js";

it("varve/core exports its machines, its errors and nothing else", () => {
  expect(Object.keys(core).sort()).toEqual([
    "CompressionLevelError",
    "Gzip",
    "GzipLayerMachine",
    "HashFinishedError",
    "IdentityLayerMachine",
    "MachineStateError",
    "NotInitializedError",
    "ParallelGzip",
    "ParallelGzipLayerMachine",
    "Sha256",
    "ThreadCountError",
    "VarveError",
    "WebAssemblyUnavailableError",
    "checkCompressionLevel",
    "crc32",
    "init",
    "initSync",
    "sha256",
    "threadCount",
    "toHex",
  ]);
});
