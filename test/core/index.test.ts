import { expect, it } from "vitest";
import * as core from "../../src/core/index.js";

it("varve/core exports its machines, its errors and nothing else", () => {
  expect(Object.keys(core).sort()).toEqual([
    "CheckpointError",
    "CompressionLevelError",
    "Gunzip",
    "GunzipLayerMachine",
    "GunzipStream",
    "Gzip",
    "GzipLayerMachine",
    "HashFinishedError",
    "IdentityLayerMachine",
    "Inflate",
    "InflateError",
    "InflateOptionError",
    "MachineStateError",
    "NotInitializedError",
    "OutputLimitError",
    "Sha256",
    "VarveError",
    "WebAssemblyUnavailableError",
    "checkCompressionLevel",
    "crc32",
    "describeCheckpoint",
    "gunzip",
    "init",
    "initSync",
    "sha256",
    "toHex",
  ]);
});
