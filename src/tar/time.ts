const SECONDS = /^-?(?:\d+(?:\.\d*)?|\.\d+)$/;

/** Reads the seconds of a PAX record, or undefined if they are not decimal, or beyond 2^53. */
export function readTime(text: string): number | undefined {
  const seconds = SECONDS.test(text) ? Number(text) : Number.NaN;
  return Math.abs(seconds) <= Number.MAX_SAFE_INTEGER ? seconds : undefined;
}

/** The seconds in decimal, with so many digits that they tell the number from all others. */
export function timeText(seconds: number): string {
  const text = String(seconds);
  // Less than a microsecond after 1970, where JavaScript writes an exponent.
  return text.includes("e") ? seconds.toFixed(9).replace(/\.?0+$/, "") : text;
}
