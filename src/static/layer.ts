import { checkBytes } from "../core/check-bytes.js";
import { BytesLayer } from "../partial/bytes-layer.js";
import type { Layer, MediaType } from "../v1/index.js";

/**
 * Makes a layer of bytes that are at hand, which are copied. They are not compressed: digest and diffID are the same.
 *
 * @param mediaType what they are; any string
 * @throws {BytesTypeError} if they aren't a `Uint8Array`
 */
export function newLayer(bytes: Uint8Array, mediaType: MediaType): Layer {
  checkBytes(bytes);
  return new BytesLayer(new Uint8Array(bytes), mediaType);
}
