import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { HttpProxy } from "./proxy.js";
import { proxyRefusal } from "./proxy-refusal.js";

/** How connections are opened. */
export interface ConnectionOptions {
  /** In milliseconds; 0 is for ever. */
  readonly timeout: number;
  readonly secureContext?: SecureContext;
  readonly rejectUnauthorized?: false;
}

/**
 * Has a proxy open a connection to a host (RFC 9110, section 9.3.6). undici's own agent for proxies does not serve here: where a proxy
 * closes the connection instead of answering, it asks again and again, for ever.
 *
 * @param authority the host and the port, such as `registry.example:443`
 * @returns a connection whose other end is the host
 * @throws {FetchOptionsError} if the proxy refuses
 * @throws the system's error if it cannot be reached, and one with the code `UND_ERR_CONNECT_TIMEOUT` if it takes too long
 */
export function openTunnel(
  { origin, authorization }: HttpProxy,
  authority: string,
  { timeout, ...tls }: ConnectionOptions,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = (origin.startsWith("https:") ? requestSecure : requestPlain)(origin, {
      ...tls,
      method: "CONNECT",
      path: authority,
      headers: {
        host: authority,
        ...(authorization === undefined ? {} : { "proxy-authorization": authorization }),
      },
      agent: false,
    });
    const patience =
      timeout === 0
        ? undefined
        : setTimeout(() => {
            const late = new Error(`the proxy ${origin} made no tunnel within ${timeout / 1000} seconds`);
            request.destroy(Object.assign(late, { code: "UND_ERR_CONNECT_TIMEOUT" }));
          }, timeout);
    request.once("close", () => clearTimeout(patience));
    request.once("error", reject);
    request.once("connect", ({ statusCode = 0 }, stream, head: Buffer) => {
      clearTimeout(patience);
      const socket = stream as Socket;
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        reject(proxyRefusal(origin, statusCode));
        return;
      }
      if (head.length > 0) {
        socket.unshift(head);
      }
      resolve(socket);
    });
    request.end();
  });
}
