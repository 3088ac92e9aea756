let takesRedirectError: boolean | undefined;

/** Whether this runtime knows `redirect: "error"`; Cloudflare Workers don't. */
function redirectsCanBeErrors(): boolean {
  if (takesRedirectError === undefined) {
    try {
      new Request("http://localhost/", { redirect: "error" });
      takesRedirectError = true;
    } catch {
      takesRedirectError = false;
    }
  }
  return takesRedirectError;
}

/**
 * How a request is made whose body can be sent once.
 *
 * The Fetch standard keeps a copy of a request's body, to send it again after a redirect or when a user has been asked for a password,
 * unless redirects are errors and there is no window to ask in ("HTTP-network-or-cache fetch"). Node's fetch does so, and its copy of
 * a stream that nobody reads grows to the size of the blob: 300 MB took 366 MB of memory, and 93 MB without the copy. Where the
 * setting is unknown no copy is kept.
 */
export function oneShot(): RequestInit {
  return redirectsCanBeErrors() ? { redirect: "error", window: null } : { redirect: "manual" };
}
