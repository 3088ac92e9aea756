import { bytesOf, opened, unlessAborted } from "../bytes/index.js";
import { hasCode } from "../core/error.js";
import type { CallOptions, Layer } from "../v1/index.js";
import { optionalMethod, unwrap } from "./inner.js";
import type { WithDiffID } from "./interfaces.js";

/**
 * The number of uncompressed bytes of a layer: its own `uncompressedSize()`, if it has one; otherwise they are all read and
 * counted.
 *
 * @throws {UnsupportedError} if it is a streaming layer without a spool
 */
export async function uncompressedSize(layer: Layer, options?: CallOptions): Promise<number> {
  const own = optionalMethod(layer, "uncompressedSize");
  if (own !== undefined) {
    return unlessAborted(options?.signal, own(options));
  }
  const content = await opened(layer.uncompressed(options), options);
  let total = 0;
  for await (const chunk of bytesOf(content, { ...options, what: "a layer" })) total += chunk.length;
  return total;
}

/**
 * Whether a layer's bytes are there: its own `exists()` says so, if it has one; otherwise they are opened, not read, and let
 * go of. A streaming layer is there, read or not, and is not touched.
 *
 * @throws what opening the layer fails with: it is not there, or that could not be found out
 */
export async function exists(layer: Layer, options?: CallOptions): Promise<boolean> {
  const own = optionalMethod(layer, "exists");
  if (own !== undefined) {
    return unlessAborted(options?.signal, own(options));
  }
  if (await isUnread(layer, options)) {
    return true;
  }
  let content: ReadableStream<Uint8Array>;
  try {
    content = await opened(layer.compressed(options), options);
  } catch (error) {
    if (hasCode(error, "ERR_VARVE_CONSUMED") && error.cause === undefined) {
      return true;
    }
    throw error;
  }
  await unlessAborted(options?.signal, content.cancel());
  return true;
}

/**
 * Whether a layer's values will be known only when its stream has been read. Asked of the innermost object, which is not
 * compressed for it.
 */
async function isUnread(layer: Layer, options: CallOptions | undefined): Promise<boolean> {
  const innermost = unwrap(layer) as Partial<Layer> & Partial<WithDiffID>;
  try {
    await unlessAborted(
      options?.signal,
      Promise.resolve((innermost.digest ?? innermost.diffID)?.call(innermost, options)),
    );
    return false;
  } catch (error) {
    return hasCode(error, "ERR_VARVE_NOT_COMPUTED");
  }
}
