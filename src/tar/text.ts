/**
 * Names in tars are bytes, and text is not always UTF-8. A byte that is not part of a character becomes a lone low
 * surrogate, U+DC00 above it (as Python's `surrogateescape` has it), which no UTF-8 decodes to, so that every string of
 * bytes comes back as it was.
 */

const strict = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = /* @__PURE__ */ new TextEncoder();

/** A low surrogate that stands for a byte, alone or as the second half of a pair. */
const SUSPECT = /[\udc80-\udcff]/;
/** With the `u` flag, halves of pairs don't match. */
const ESCAPES = /[\udc80-\udcff]/u;

/** Whether the text holds bytes that are not UTF-8. */
export function hasRawBytes(text: string): boolean {
  return SUSPECT.test(text) && ESCAPES.test(text);
}

export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeMixed(bytes);
  }
}

export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  if (!hasRawBytes(text)) return encoder.encode(text);
  const pieces = text.split(/([\udc80-\udcff])/u).map((piece, index) =>
    // What the expression captured is at the odd places.
    index % 2 === 1 ? Uint8Array.of(piece.charCodeAt(0) & 0xff) : encoder.encode(piece),
  );
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Decodes the stretches between bytes that are not UTF-8. */
function decodeMixed(bytes: Uint8Array): string {
  let text = "";
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += `${strict.decode(bytes.subarray(from, at))}${String.fromCharCode(0xdc00 + bytes[at]!)}`;
    from = ++at;
  }
  return text + strict.decode(bytes.subarray(from));
}

/** Bytes of the well-formed character that begins there (Unicode, table 3-7), or 0 if there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length = lead >= 0xc2 && lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i];
    if (byte === undefined || byte >>> 6 !== 2) return 0;
  }
  const second = bytes[at + 1]!;
  const tooLow = (lead === 0xe0 && second < 0xa0) || (lead === 0xf0 && second < 0x90);
  const tooHigh = (lead === 0xed && second > 0x9f) || (lead === 0xf4 && second > 0x8f);
  return tooLow || tooHigh ? 0 : length;
}
