import { expect, it } from "vitest";
import * as core from "../../src/core/index.js";

it("varve/core exports its machines, its errors and nothing else", () => {
  expect(Object.keys(core).sort()).toEqual([
    "CheckpointError",
    "CompressionLevelError",
    "Gzip",
    "GzipLayerMachine",
    "HashFinishedError",
    "IdentityLayerMachine",
    "MachineStateError",
    "NotInitializedError",
    "Sha256",
    "VarveError",
    "WebAssemblyUnavailableError",
    "checkCompressionLevel",
    "crc32",
    "describeCheckpoint",
    "init",
    "initSync",
    "sha256",
    "toHex",
  ]);
});
