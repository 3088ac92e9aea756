/**
 * Numbers in header blocks: octal digits between spaces and zero bytes, or, where the first bit is set, the field's other
 * bits as a big-endian two's complement (GNU's and star's base-256).
 */

/** The number, or undefined if the field holds none, or one that is not exact in a double. */
export function readNumber(field: Uint8Array): number | undefined {
  return field[0]! & 0x80 ? readBase256(field) : readOctal(field);
}

function readOctal(field: Uint8Array): number | undefined {
  let from = 0;
  let to = field.length;
  while (from < to && isBlank(field[from]!)) from++;
  while (from < to && isBlank(field[to - 1]!)) to--;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = field[at]! - 0x30;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return value;
}

function isBlank(byte: number): boolean {
  return byte === 0 || byte === 0x20;
}

function readBase256(field: Uint8Array): number | undefined {
  const negative = (field[0]! & 0x40) !== 0;
  // Of a negative number the bits are turned over, which makes it -1 - value.
  const flip = negative ? 0xff : 0;
  let value = (field[0]! ^ flip) & 0x7f;
  for (const byte of field.subarray(1)) value = value * 256 + (byte ^ flip);
  return Number.isSafeInteger(value) ? (negative ? -1 - value : value) : undefined;
}

/** Whether the number fits a field of so many bytes as octal digits and a zero byte. */
export function fitsOctal(value: number, bytes: number): boolean {
  return value >= 0 && value < 8 ** (bytes - 1);
}

/** Fills the field: with octal digits where they fit, else as base-256. */
export function writeNumber(field: Uint8Array, value: number): void {
  if (fitsOctal(value, field.length)) {
    writeOctal(field.subarray(0, field.length - 1), value);
    return;
  }
  let rest = value;
  for (let at = field.length - 1; at >= 0; at--) {
    field[at] = ((rest % 256) + 256) % 256;
    rest = Math.floor(rest / 256);
  }
  field[0]! |= 0x80;
}

/** Fills the field with octal digits. */
export function writeOctal(field: Uint8Array, value: number): void {
  let rest = value;
  for (let at = field.length - 1; at >= 0; at--) {
    field[at] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
}
