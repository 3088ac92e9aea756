import { concat, randomBytes } from "../fixtures/bytes.js";

/** Cuts bytes into pieces of 1 byte to the longest, as an unlucky network would; the cuts depend on the seed alone. */
export function* pieces(
  bytes: Uint8Array<ArrayBuffer>,
  longest: number,
  seed = 7,
): Generator<Uint8Array<ArrayBuffer>> {
  const lengths = new DataView(randomBytes(4096, seed).buffer);
  for (let offset = 0, cut = 0; offset < bytes.length; cut = (cut + 4) % 4096) {
    const length = 1 + (lengths.getUint32(cut) % longest);
    yield bytes.subarray(offset, offset + length);
    offset += length;
  }
}

/** Reads a stream to its end and only then looks at the chunks, so that one that was overwritten meanwhile is noticed. */
export async function readToEnd(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value);
  }
  return concat(...chunks);
}
