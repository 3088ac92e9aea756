import type { Dispatcher } from "undici";
import { FetchOptionsError } from "./fetch-options-error.js";

/** What it means that a proxy does not let a request through. */
export function proxyRefusal(origin: string, status: number): FetchOptionsError {
  return new FetchOptionsError(
    status === 407
      ? `the proxy ${origin} wants a user name and a password, or others (status 407); name it as http://user:password@host:port`
      : `the proxy ${origin} does not let this request through (status ${status}); ask who runs it, or exempt the host with NO_PROXY`,
  );
}

/**
 * A handler of a request that goes through a proxy, which fails with words when the proxy wants credentials (status 407). Otherwise `fetch` would
 * fail without a word, as the Fetch standard has it.
 *
 * @param origin where the proxy is
 */
export function explainingRefusal(
  handler: Dispatcher.DispatchHandler,
  origin: string,
): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...told) => handler.onRequestStart?.(...told),
    onRequestUpgrade: (...told) => handler.onRequestUpgrade?.(...told),
    onResponseStart: (controller, status, ...rest) => {
      if (status === 407) {
        throw proxyRefusal(origin, status);
      }
      handler.onResponseStart?.(controller, status, ...rest);
    },
    onResponseData: (...told) => handler.onResponseData?.(...told),
    onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
    onResponseError: (...told) => handler.onResponseError?.(...told),
  };
}
