import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { LONGEST_TIMER } from "../bytes/index.js";
import { hasCode } from "../core/error.js";
import type { Handler } from "../registry/index.js";
import { toRequest } from "./incoming-request.js";
import { sendBody, setHead } from "./outgoing-response.js";
import { ServeError } from "./serve-error.js";

/** How a server listens; every field may be left out. */
export interface ServeOptions {
  /** The address or name to bind. Default: `127.0.0.1`, which other machines cannot reach. */
  readonly host?: string | undefined;
  /** The port to bind. Default: 0, any free one. */
  readonly port?: number | undefined;
  /** Closes the server when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** How long a connection may be silent in both directions, in milliseconds. Default: ten minutes. */
  readonly idleTimeout?: number | undefined;
  /** How long `close` waits for requests that are under way, in milliseconds; `Infinity` is for ever. Default: 5000. */
  readonly closeTimeout?: number | undefined;
  /**
   * Told of each error that the handler or a response's body throws, which its client sees as a status of 500 or a cut; not of a
   * `ConnectionLossError`, which breaks the connection as it says.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A server that listens. */
export interface Listener {
  /** Where it is reached, such as `http://127.0.0.1:5000`; no path, no slash at the end. */
  readonly url: string;
  /** What it is bound to: an address of IPv4 or IPv6, and the port. */
  readonly address: { readonly host: string; readonly port: number };
  /**
   * Takes no more connections, ends those that are idle, waits up to `closeTimeout` for those that are not, then breaks them.
   * Every call gives the same promise.
   */
  readonly close: () => Promise<void>;
}

const IDLE_TIMEOUT = 10 * 60 * 1000;
const CLOSE_TIMEOUT = 5000;
const HEADERS_TIMEOUT = 30 * 1000;
const HEADERS_LIMIT = 16 * 1024;

/** How long a body that nobody wants is read and dropped, so that the client gets to read why; then the connection is broken. */
const UNWANTED_TIMEOUT = 2000;

/**
 * Serves a handler by HTTP/1.1. Bodies go both ways with backpressure and without a limit of size or duration; only silence ends a
 * connection. `Expect: 100-continue` is answered by Node.
 *
 * @throws {ServeError} if the address cannot be bound
 */
export async function serve(handler: Handler, options: ServeOptions = {}): Promise<Listener> {
  const { host = "127.0.0.1", port = 0, signal } = options;
  signal?.throwIfAborted();
  const report = (error: unknown): void => {
    if (hasCode(error, "ERR_VARVE_CONNECTION_LOSS")) return;
    try {
      options.onError?.(error);
    } catch {
      // Who is told of failures and fails does not make the server fail.
    }
  };
  const connections = new Connections();
  const server = createServer(
    { maxHeaderSize: HEADERS_LIMIT, headersTimeout: HEADERS_TIMEOUT, requestTimeout: 0 },
    (message, response) => {
      connections.begin(response);
      answer(handler, message, response, report).catch(report);
    },
  );
  server.setTimeout(options.idleTimeout ?? IDLE_TIMEOUT);
  server.on("connection", (socket) => connections.add(socket));
  await listen(server, host, port);
  server.on("error", report);

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      const { closeTimeout = CLOSE_TIMEOUT } = options;
      const patience = setTimeout(() => connections.breakAll(), Math.min(closeTimeout, LONGEST_TIMER));
      server.close(() => {
        clearTimeout(patience);
        signal?.removeEventListener("abort", close);
        resolve();
      });
      connections.endIdle();
    });
    return closing;
  };
  signal?.addEventListener("abort", close);
  if (signal?.aborted) {
    await close();
    signal.throwIfAborted();
  }

  const bound = server.address() as AddressInfo;
  const urlHost = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return {
    url: `http://${urlHost}:${bound.port}`,
    address: { host: bound.address, port: bound.port },
    close,
  };
}

/** The open connections, and how many responses each is waiting for. */
class Connections {
  readonly #waiting = new Map<Socket, number>();
  #ending = false;

  add(socket: Socket): void {
    this.#waiting.set(socket, 0);
    socket.once("close", () => this.#waiting.delete(socket));
  }

  begin(response: ServerResponse): void {
    const { socket } = response.req;
    this.#count(socket, 1);
    response.once("close", () => {
      this.#count(socket, -1);
      if (this.#ending) this.endIdle();
    });
  }

  /** Ends the connections that wait for nothing, now and from now on. */
  endIdle(): void {
    this.#ending = true;
    for (const [socket, waiting] of this.#waiting) {
      if (waiting === 0) socket.destroy();
    }
  }

  breakAll(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }

  #count(socket: Socket, change: number): void {
    const waiting = this.#waiting.get(socket);
    if (waiting !== undefined) this.#waiting.set(socket, waiting + change);
  }
}

async function answer(
  handler: Handler,
  message: IncomingMessage,
  target: ServerResponse,
  report: (error: unknown) => void,
): Promise<void> {
  const gone = new AbortController();
  target.once("close", () => {
    if (!target.writableFinished) gone.abort(new Error("the client closed the connection"));
  });
  target.once("finish", () => dropRest(message));

  let response: Response;
  try {
    const request = toRequest(message, gone.signal);
    response = request === undefined ? badRequest() : await handler(request);
    setHead(response, target);
  } catch (error) {
    if (hasCode(error, "ERR_VARVE_CONNECTION_LOSS")) {
      target.destroy();
      return;
    }
    report(error);
    response = failure();
    setHead(response, target);
  }
  await sendBody(response.body, target);
}

/** Reads what is left of a body after its response, for a while, so that the connection can serve the next request. */
function dropRest(message: IncomingMessage): void {
  if (message.complete || message.destroyed) return;
  const patience = setTimeout(() => message.destroy(), UNWANTED_TIMEOUT);
  message.once("close", () => clearTimeout(patience));
  message.on("error", () => {});
  message.removeAllListeners("data");
  message.resume();
}

function badRequest(): Response {
  return errorResponse(400, "UNSUPPORTED", "the request's method or target is none that this server takes");
}

function failure(): Response {
  return errorResponse(500, "UNKNOWN", "the server failed; its log tells why");
}

function errorResponse(status: number, code: string, message: string): Response {
  return Response.json({ errors: [{ code, message }] }, { status });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    try {
      server.listen(port, host, resolve);
    } catch (error) {
      reject(listenError(error as NodeJS.ErrnoException, host, port));
    }
  });
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): ServeError {
  const where = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (cause.code === "EADDRINUSE") {
    return new ServeError(
      "ERR_VARVE_ADDRESS_IN_USE",
      `${where} is in use already; stop the program that listens there, or choose another port (0 takes any free one)`,
      { cause },
    );
  }
  const advice = cause.code === "EACCES" ? "; choose a port of 1024 or above" : "";
  return new ServeError("ERR_VARVE_LISTEN", `cannot listen on ${where}: ${cause.message}${advice}`, {
    cause,
  });
}
