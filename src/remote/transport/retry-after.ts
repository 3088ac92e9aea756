/** The longest that a registry may ask to be left alone; what it asks for beyond that is not waited for. */
const LONGEST_MILLISECONDS = 60_000;

/**
 * How long a response asks to wait before the next request (RFC 9110, section 10.2.3): a number of seconds, or a date.
 *
 * @param now milliseconds since 1970
 * @returns milliseconds, from 0 to a minute; undefined if there is no such header, or it is neither of the two
 */
export function retryAfterOf(response: Response, now: number = Date.now()): number | undefined {
  const text = response.headers.get("retry-after")?.trim() ?? "";
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(milliseconds) ? undefined : Math.min(Math.max(milliseconds, 0), LONGEST_MILLISECONDS);
}
