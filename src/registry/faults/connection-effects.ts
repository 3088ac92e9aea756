import { LONGEST_TIMER } from "../../bytes/index.js";
import { ConnectionLossError } from "./connection-loss.js";
import type { Effect } from "./fault.js";
import { cut, withBody } from "./passing-body.js";

/**
 * The connection breaks before the answer: at once, so that the registry never sees the request; or after so many bytes of the
 * request's body, which the registry gets, and keeps as it keeps those of any upload that broke off.
 */
export function dropConnection(options: { readonly afterBytes?: number } = {}): Effect {
  const { afterBytes } = options;
  return async (request, next) => {
    if (afterBytes === undefined) {
      request.body?.cancel().catch(() => {});
      throw new ConnectionLossError("before the registry got the request");
    }
    const failure = new ConnectionLossError(`after ${afterBytes} bytes of the request's body`);
    const response = await next(
      request.body === null ? request : withBody(request, cut(request.body, afterBytes, failure)),
    );
    response.body?.cancel().catch(() => {});
    throw failure;
  };
}

/** The registry does what it was asked to, and the connection breaks before its answer. */
export function loseAnswer(): Effect {
  return async (request, next) => {
    const response = await next(request);
    response.body?.cancel().catch(() => {});
    throw new ConnectionLossError("after the request was done, before the answer");
  };
}

/** The connection breaks after so many bytes of the answer's body. */
export function cutAnswer(afterBytes: number): Effect {
  return async (request, next) => {
    const response = await next(request);
    if (response.body === null) return response;
    const { status, headers } = response;
    const failure = new ConnectionLossError(`after ${afterBytes} bytes of the answer`);
    return new Response(cut(response.body, afterBytes, failure), { status, headers });
  };
}

/**
 * The request waits for so many milliseconds before the registry gets it, or for good if a timer can't wait
 * for so many (2^31 and above, `Infinity` among them). One that is aborted
 * meanwhile never gets there.
 *
 * @throws the reason of the request's signal
 */
export function delay(milliseconds: number): Effect {
  return async (request, next) => {
    const { signal } = request;
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer =
        milliseconds <= LONGEST_TIMER
          ? setTimeout(() => {
              signal.removeEventListener("abort", giveUp);
              resolve();
            }, milliseconds)
          : undefined;
      signal.addEventListener("abort", giveUp, { once: true });
      if (signal.aborted) giveUp();
    });
    return next(request);
  };
}
