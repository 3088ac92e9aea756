const SECONDS = /^-?(?:\d+(?:\.\d*)?|\.\d+)$/;

/** Reads the seconds of a PAX record, or undefined if they are not decimal, or beyond 2^53. */
export function readTime(text: string): number | undefined {
  // Adding 0 makes 0 of -0.
  const seconds = SECONDS.test(text) ? Number(text) + 0 : Number.NaN;
  return Math.abs(seconds) <= Number.MAX_SAFE_INTEGER ? seconds : undefined;
}

/**
 * The seconds in decimal, with so many digits that they tell the number from all others; within a microsecond of 1970, where
 * JavaScript writes an exponent, to the nanosecond.
 */
export function timeText(seconds: number): string {
  const text = String(seconds);
  return text.includes("e")
    ? seconds
        .toFixed(9)
        .replace(/\.?0+$/, "")
        .replace(/^-0$/, "0")
    : text;
}
