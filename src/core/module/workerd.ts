/** Cloudflare Workers may not compile WebAssembly from bytes; there the modules are imported as such. */
import core from "../../core.wasm";
import sha256 from "../../sha256.wasm";
import sha512 from "../../sha512.wasm";

/** `core.wasm`. */
export function coreSource(): WebAssembly.Module | Uint8Array<ArrayBuffer> {
  return core;
}

/** `sha256.wasm`. */
export function sha256Source(): WebAssembly.Module | Uint8Array<ArrayBuffer> {
  return sha256;
}

/** `sha512.wasm`. */
export function sha512Source(): WebAssembly.Module | Uint8Array<ArrayBuffer> {
  return sha512;
}
