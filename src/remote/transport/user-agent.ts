import { isBrowser } from "./browser.js";

/** The version in package.json. */
const VERSION = "0.1.0";

/**
 * What to send as `User-Agent`, or undefined where that is the runtime's own affair: in a browser a page that sets it makes every
 * request subject to a CORS rule that no registry has, or is ignored.
 *
 * @param prefix the name and version of the program that uses varve, to stand before varve's own
 */
export function userAgentHeader(prefix?: string): string | undefined {
  if (isBrowser()) {
    return undefined;
  }
  const own = `varve/${VERSION}`;
  return prefix === undefined ? own : `${prefix} ${own}`;
}
