import type { IncomingMessage } from "node:http";

/** Hosts as they look in ordinary `Host` headers: a name or an address, perhaps with a port; no user, path or space. */
const ORDINARY_HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/iu;

/**
 * A Node request as a web-standard one. Its body is pulled: nothing is read from the socket before the handler asks, and a
 * connection that breaks off fails the body. A `Host` header that is no host is replaced by the address of this end of the socket.
 *
 * @param signal becomes the request's signal
 * @returns undefined if the message cannot be a request: a target that is no path or URL, a method or header that the fetch
 *   standard forbids
 */
export function toRequest(message: IncomingMessage, signal: AbortSignal): Request | undefined {
  const url = urlOf(message);
  if (url === undefined) return undefined;
  try {
    const init: RequestInit & { duplex?: "half" } = {
      method: message.method ?? "GET",
      headers: headersOf(message),
      signal,
    };
    if (hasBody(message)) {
      init.body = bodyOf(message);
      init.duplex = "half";
    }
    return new Request(url, init);
  } catch {
    return undefined;
  }
}

function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    headers.append(message.rawHeaders[i] as string, message.rawHeaders[i + 1] as string);
  }
  return headers;
}

function urlOf(message: IncomingMessage): string | undefined {
  const target = message.url ?? "";
  let path = target;
  if (!target.startsWith("/")) {
    if (!URL.canParse(target)) return undefined;
    const { pathname, search } = new URL(target);
    path = pathname + search;
  }
  const host = message.headers.host ?? "";
  const origin = ORDINARY_HOST.test(host) ? `http://${host}` : localOrigin(message);
  for (const url of [origin + path, localOrigin(message) + path]) {
    if (URL.canParse(url)) return url;
  }
  return undefined;
}

function localOrigin(message: IncomingMessage): string {
  const { localAddress = "127.0.0.1", localPort = 80 } = message.socket;
  return `http://${localAddress.includes(":") ? `[${localAddress}]` : localAddress}:${localPort}`;
}

/** A body of GET or HEAD means nothing (RFC 9110, section 9.3.1), and a web-standard request cannot have one. */
function hasBody(message: IncomingMessage): boolean {
  if (message.method === "GET" || message.method === "HEAD") return false;
  const { "content-length": length, "transfer-encoding": encoding } = message.headers;
  return encoding !== undefined || (length !== undefined && Number(length) > 0);
}

function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  let over = false;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        const end = (finish: () => void): void => {
          if (over) return;
          over = true;
          finish();
        };
        const breakOff = (cause?: unknown): void =>
          end(() => controller.error(new Error("the connection ended before the body did", { cause })));
        message.pause();
        message.on("data", (chunk: Buffer<ArrayBuffer>) => {
          if (over) return;
          message.pause();
          controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        });
        message.once("end", () => end(() => controller.close()));
        message.once("error", breakOff);
        message.once("close", () => breakOff());
      },
      pull() {
        message.resume();
      },
      cancel() {
        over = true;
      },
    },
    { highWaterMark: 0 },
  );
}
