import { ZstdError } from "./zstd-error.js";

/** First bytes of a frame, as a little-endian integer (RFC 8878, 3.1.1). */
const FRAME_MAGIC = 0xfd2fb528;
/** First bytes of a skippable frame; its lowest four bits are free (3.1.2). */
const SKIPPABLE_MAGIC = 0x184d2a50;

/** A block holds at most this much, whatever the window (3.1.1.2.4). */
export const LARGEST_BLOCK: number = 128 * 1024;

/** What a frame says of itself (3.1.1.1). */
export interface FrameHeader {
  /** How far back a match may reach, in bytes. */
  readonly windowSize: number;
  /** The most bytes that one block of this frame gives, and takes. */
  readonly largestBlock: number;
  /** Bytes of content, if the frame tells. */
  readonly contentSize: number | undefined;
  readonly hasChecksum: boolean;
}

/** The frame that starts here, or how many of its first bytes are needed to tell. */
export type FrameStart =
  | { readonly kind: "needs"; readonly bytes: number }
  | { readonly kind: "skippable"; readonly bytes: number }
  | { readonly kind: "frame"; readonly header: FrameHeader };

/**
 * Reads the start of a frame.
 *
 * @param view shows the bytes that are there, from the frame's first on
 * @param offset of that byte in the stream, for errors
 * @throws {ZstdError} `bad-header`, `dictionary`
 */
export function readFrameStart(view: DataView, offset: number): FrameStart {
  if (view.byteLength < 4) return { kind: "needs", bytes: 4 };
  const magic = view.getUint32(0, true);
  if ((magic & ~15) >>> 0 === SKIPPABLE_MAGIC) {
    return view.byteLength < 8
      ? { kind: "needs", bytes: 8 }
      : { kind: "skippable", bytes: view.getUint32(4, true) };
  }
  if (magic !== FRAME_MAGIC) {
    throw new ZstdError(
      "bad-header",
      offset,
      "no frame begins here: the input is not Zstandard, or something follows its last frame",
    );
  }
  if (view.byteLength < 5) return { kind: "needs", bytes: 5 };
  const descriptor = view.getUint8(4);
  const single = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >>> 6]!;
  const dictionaryAt = single ? 5 : 6;
  const sizeAt = dictionaryAt + dictionaryBytes;
  if (view.byteLength < sizeAt + sizeBytes) return { kind: "needs", bytes: sizeAt + sizeBytes };
  if ((descriptor & 8) !== 0) {
    throw new ZstdError("bad-header", offset + 4, "the reserved bit is set, by a later format or by damage");
  }
  const dictionary = readInteger(view, dictionaryAt, dictionaryBytes);
  if (dictionary !== 0) {
    throw new ZstdError(
      "dictionary",
      offset + dictionaryAt,
      `the frame needs dictionary ${dictionary}, which cannot be given: compress without a dictionary`,
    );
  }
  const contentSize =
    sizeBytes === 0 ? undefined : readInteger(view, sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  const windowSize = single ? (contentSize ?? 0) : readWindowSize(view.getUint8(5));
  return {
    kind: "frame",
    header: {
      windowSize,
      largestBlock: Math.min(windowSize, LARGEST_BLOCK),
      contentSize,
      hasChecksum: (descriptor & 4) !== 0,
    },
  };
}

/** 3.1.1.1.2: a power of two from 1 KiB on, and eighths of it. */
function readWindowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Above 2^53 it is not exact, but as much too large. */
function readInteger(view: DataView, position: number, bytes: number): number {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) {
    value = value * 256 + view.getUint8(position + i);
  }
  return value;
}
