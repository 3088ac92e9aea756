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
    "GzipStream",
    "HashFinishedError",
    "IdentityLayerMachine",
    "Inflate",
    "InflateError",
    "InflateOptionError",
    "MachineStateError",
    "NotInitializedError",
    "OutputLimitError",
    "Sha256",
    "Sha512",
    "VarveError",
    "WebAssemblyUnavailableError",
    "checkCompressionLevel",
    "checkpointInputHash",
    "crc32",
    "describeCheckpoint",
    "gunzip",
    "gzip",
    "init",
    "initSync",
    "sha256",
    "sha512",
    "toHex",
  ]);
});
