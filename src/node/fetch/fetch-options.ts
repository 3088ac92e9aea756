import type { TimeLimits } from "./limits.js";
import type { ProxyEnvironment } from "./proxy.js";

/** How requests reach the network; every field may be left out. */
export interface FetchOptions extends TimeLimits {
  /**
   * The environment: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in either case, and `SSL_CERT_FILE` and `NODE_EXTRA_CA_CERTS`.
   * Default: `process.env`.
   */
  readonly env?: ProxyEnvironment | undefined;
  /** Certificates in PEM that are trusted besides those of the runtime and the environment: a text, or the bytes of a file. */
  readonly ca?: string | Uint8Array | undefined;
  /**
   * Accept any certificate, so that it may be anyone who is spoken to: of every host, proxies among them, or only of those whose names are
   * listed, as `URL.hostname` has them, whatever their port. Default: false.
   */
  readonly insecure?: boolean | readonly string[] | undefined;
}
