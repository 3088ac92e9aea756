/**
 * Times in configurations are RFC 3339 with up to nine digits of a second's fraction, kept as text: a `Date` has only
 * three. They are written as Go writes them, so that a configuration that was read is written with the same bytes.
 */

/** What Go's zero time is written as: no time is known. */
export const zeroTime = "0001-01-01T00:00:00Z";

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

/**
 * The time as Go writes it: no zeros at the end of a fraction, and `Z` for an offset of nothing. Undefined if the text is
 * not RFC 3339, or no such day or hour exists.
 */
export function canonicalTime(text: string): string | undefined {
  const [, seconds, fraction = "", offset] = RFC3339.exec(text) ?? [];
  if (seconds === undefined || offset === undefined || !exists(seconds, offset)) return undefined;
  const digits = fraction.slice(0, 9).replace(/0+$/, "");
  return `${seconds}${digits === "" ? "" : `.${digits}`}${/^[+-]00:00$/.test(offset) ? "Z" : offset}`;
}

/** A date is real if it comes back as it was put in: 30 February comes back as a day in March. */
function exists(seconds: string, offset: string): boolean {
  const date = new Date(`${seconds}Z`);
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 19) !== seconds) return false;
  const [hours = 0, minutes = 0] = offset === "Z" ? [] : offset.slice(1).split(":").map(Number);
  return hours < 24 && minutes < 60;
}
