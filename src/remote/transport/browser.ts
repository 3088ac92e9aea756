/** Whether this is a page or a worker of a browser, where CORS decides which headers are sent and seen, and redirects cannot be looked at. */
export function isBrowser(): boolean {
  return globalThis.navigator?.userAgent?.startsWith("Mozilla/") === true;
}
