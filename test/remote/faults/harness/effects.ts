import { type Effect, faults } from "../../../../src/registry/index.js";

/** `fetch` fails, before anything is sent, as runtimes say it. @param code the system's; undefined for a runtime that gives none */
export function failToSend(code: string | undefined): Effect {
  return () => {
    throw new TypeError("fetch failed", {
      cause: code === undefined ? undefined : Object.assign(new Error(`connect ${code}`), { code }),
    });
  };
}

/** The connection breaks in the answer's body. @param part how much of it has come by then, from 0 to 1 */
export function cutAnswer(part: number): Effect {
  return async (request, next, behind) => {
    const response = await next(request);
    const bytes = await response.arrayBuffer();
    const whole = new Response(bytes, { status: response.status, headers: response.headers });
    return faults.cutAnswer(Math.ceil(bytes.byteLength * part))(request, async () => whole, behind);
  };
}

/** The connection breaks when half of the request's body has come, as far as its headers tell how long it is. */
export function cutRequest(): Effect {
  return (request, next, behind) => {
    const [first = 0, last = first] = (request.headers.get("content-range") ?? "").split("-").map(Number);
    const length = Number(request.headers.get("content-length") ?? 0) || last - first + 1;
    const afterBytes = length > 1 ? Math.ceil(length / 2) : 50;
    return faults.dropConnection({ afterBytes })(request, next, behind);
  };
}

/** The answer's body ends early, without a failure. @param length whether `Content-Length` tells of the whole all the same */
export function endAnswer(afterBytes: number, length: boolean): Effect {
  return async (request, next) => {
    const response = await next(request);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const headers = new Headers(response.headers);
    if (length) headers.set("content-length", String(bytes.length));
    else headers.delete("content-length");
    return new Response(bytes.subarray(0, afterBytes), { status: response.status, headers });
  };
}

/** The registry does what it is asked to, and its answer never comes; then the caller gives up. */
export function hangAfter(giveUp: () => void): Effect {
  return async (request, next) => {
    const response = await next(request);
    response.body?.cancel().catch(() => undefined);
    giveUp();
    return faults.delay(Number.POSITIVE_INFINITY)(request, next, unused);
  };
}

/** The registry never gets the request, and no answer comes; then the caller gives up. */
export function hangBefore(giveUp: () => void): Effect {
  return (request, next, behind) => {
    giveUp();
    return faults.delay(Number.POSITIVE_INFINITY)(request, next, behind);
  };
}

/** The answer's body stops after some bytes, and nothing more comes of it; then the caller gives up. */
export function stallAnswer(afterBytes: number, giveUp: () => void): Effect {
  return async (request, next) => {
    const response = await next(request);
    const bytes = new Uint8Array(await response.arrayBuffer()).subarray(0, afterBytes);
    let given = false;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (!given && bytes.length > 0) {
            given = true;
            controller.enqueue(bytes);
            return undefined;
          }
          giveUp();
          return new Promise<void>(() => undefined);
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body as BodyInit, { status: response.status, headers: response.headers });
  };
}

const unused = { registry: async () => new Response(), expire: () => undefined };
