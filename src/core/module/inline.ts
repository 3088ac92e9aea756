/**
 * The modules as text in the code: it works wherever WebAssembly may be compiled from bytes, without a request, a file or a bundler rule. The build
 * makes this file whole; the two are apart so that a bundler drops the one that isn't used.
 */
import coreBase64 from "../../core.wasm?base64";
import sha256Base64 from "../../sha256.wasm?base64";
import sha512Base64 from "../../sha512.wasm?base64";

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** `core.wasm`. */
export function coreSource(): WebAssembly.Module | Uint8Array<ArrayBuffer> {
  return decode(coreBase64);
}

/** `sha256.wasm`. */
export function sha256Source(): WebAssembly.Module | Uint8Array<ArrayBuffer> {
  return decode(sha256Base64);
}

/** `sha512.wasm`. */
export function sha512Source(): WebAssembly.Module | Uint8Array<ArrayBuffer> {
  return decode(sha512Base64);
}
