import { VarveError } from "../core/error.js";
import { messageOf } from "../core/message.js";

/** What is used of `@bokuweb/zstd-wasm`, which is the reference encoder. */
interface Peer {
  /** Compresses some bytes to one frame; the result is the caller's. */
  compress(bytes: Uint8Array, level: number): Uint8Array<ArrayBuffer>;
}

/** A module that fails to load says so to the console alone, and its promise stays pending for ever. */
const LIMIT_MILLISECONDS = 30_000;

/** A WebAssembly module of nothing: whether a runtime lets this be compiled tells whether it would let the peer. */
const EMPTY_MODULE = /* @__PURE__ */ Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/**
 * Compressing with zstd needs the package `@bokuweb/zstd-wasm`, an optional peer dependency, and it is not installed
 * or cannot be loaded here. Reading zstd does not need it. Its `code` is `ERR_VARVE_ZSTD_ENCODER`.
 */
export class ZstdEncoderError extends VarveError {
  override readonly name = "ZstdEncoderError";

  /** @param problem why there is no encoder, and what to do about it */
  constructor(problem: string, cause?: unknown) {
    super(
      "ERR_VARVE_ZSTD_ENCODER",
      `there is no encoder for zstd: ${problem}`,
      cause === undefined ? {} : { cause },
    );
  }
}

let peer: Peer | undefined;
let pending: Promise<void> | undefined;

/** Loads the encoder, once. A failure is not remembered. @throws {ZstdEncoderError} */
export async function loadPeer(wasm?: string | URL | Uint8Array): Promise<void> {
  if (peer !== undefined) return;
  pending ??= load(wasm).finally(() => {
    pending = undefined;
  });
  await pending;
}

/** @throws {ZstdEncoderError} if it has not been loaded */
export function loadedPeer(): Peer {
  if (peer === undefined) {
    throw new ZstdEncoderError(
      "it is not loaded yet: await loadEncoder() of varve/zstd, or prepare() of the compression",
    );
  }
  return peer;
}

async function load(wasm: string | URL | Uint8Array | undefined): Promise<void> {
  try {
    await WebAssembly.compile(EMPTY_MODULE);
  } catch (cause) {
    throw new ZstdEncoderError(
      "this runtime does not let a program compile WebAssembly (Cloudflare Workers never do; in a page, allow 'wasm-unsafe-eval' in the Content-Security-Policy's script-src), so layers can be compressed with gzip only",
      cause,
    );
  }
  let found: typeof import("@bokuweb/zstd-wasm");
  try {
    found = await import("@bokuweb/zstd-wasm");
  } catch (cause) {
    throw new ZstdEncoderError(
      `the package @bokuweb/zstd-wasm could not be loaded (${messageOf(cause)}); install it beside varve: npm install @bokuweb/zstd-wasm`,
      cause,
    );
  }
  // Node's variant reads its own file, and takes no argument.
  const init = found.init as (wasm?: string | Uint8Array) => Promise<void>;
  await withinLimit(wasm instanceof URL ? init(wasm.href) : init(wasm));
  peer = { compress: found.compress as Peer["compress"] };
}

async function withinLimit(loading: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    const problem = `@bokuweb/zstd-wasm did not start within ${LIMIT_MILLISECONDS / 1000} seconds: if its zstd.wasm is not where it looks for it, give loadEncoder() the address or the bytes of that file`;
    timer = setTimeout(() => reject(new ZstdEncoderError(problem)), LIMIT_MILLISECONDS);
  });
  try {
    await Promise.race([loading, limit]);
  } catch (cause) {
    if (cause instanceof ZstdEncoderError) throw cause;
    throw new ZstdEncoderError(`@bokuweb/zstd-wasm could not be started (${messageOf(cause)})`, cause);
  } finally {
    clearTimeout(timer);
  }
}
