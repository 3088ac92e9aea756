import { Unzstd, type UnzstdOptions } from "./unzstd.js";

/**
 * The content of a whole Zstandard stream that is at hand (RFC 8878): of all its frames, one after the other.
 *
 * @throws {ZstdError} if it is not one, is damaged or truncated, or asks for more than the options allow
 */
export function unzstd(bytes: Uint8Array, options: UnzstdOptions = {}): Uint8Array<ArrayBuffer> {
  const decoder = new Unzstd(options);
  const pieces: Uint8Array[] = [];
  let size = 0;
  const takeAll = (): void => {
    for (let view = decoder.take(); view !== undefined; view = decoder.take()) {
      pieces.push(view.slice());
      size += view.length;
    }
  };
  for (let offset = 0; offset < bytes.length; takeAll()) {
    offset = decoder.update(bytes, offset);
  }
  decoder.finish();
  takeAll();
  const content = new Uint8Array(size);
  let end = 0;
  for (const piece of pieces) {
    content.set(piece, end);
    end += piece.length;
  }
  return content;
}
