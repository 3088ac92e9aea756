const BYTES_OF_UNIT: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["tb", 1e12],
  ["k", 2 ** 10],
  ["m", 2 ** 20],
  ["g", 2 ** 30],
  ["t", 2 ** 40],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
]);

const SHOWN_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/**
 * Reads a number of bytes, such as `512MiB`, `2GB`, `1.5 GiB` or `1000000`: `kB` and its like are powers of 1000, `KiB` and its like
 * powers of 1024, and a single letter is one of 1024, as for `docker run --memory`. Upper and lower case are alike.
 *
 * @returns whole bytes, rounded down; undefined if the text is no such size, is zero, or is more than a number holds exactly
 */
export function parseByteSize(text: string): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s?([a-z]*)$/i.exec(text.trim()) ?? [];
  const scale = BYTES_OF_UNIT.get(unit?.toLowerCase() ?? "");
  if (digits === undefined || scale === undefined) {
    return undefined;
  }
  const bytes = Math.floor(Number(digits) * scale);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Writes a number of bytes for people, in powers of 1000 with three digits or four: `999 B`, `1.0 kB`, `12.3 MB`, `161 GB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < SHOWN_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const text = unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1);
  return `${text} ${SHOWN_UNITS[unit]}`;
}
