/**
 * `varve/zstd`: importing it makes `compression: "zstd"` known to every package that compresses or decompresses layers, such as
 * `varve/stream`. It also has the decoder by itself, which needs neither `init()` nor WebAssembly.
 */
import { registerCompression } from "../v1/index.js";
import { zstd } from "./compression.js";

registerCompression(zstd);

export { zstd } from "./compression.js";
export { ZstdLevelError } from "./level.js";
export { unzstd } from "./one-shot.js";
export { loadPeer as loadEncoder, ZstdEncoderError } from "./peer.js";
export { Unzstd, type UnzstdOptions } from "./unzstd.js";
export { ZstdError, type ZstdFault } from "./zstd-error.js";
