import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { newRepository, type Repository } from "../../src/name/index.js";

/** A request as the registry got it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export type Fault = (request: IncomingMessage, response: ServerResponse, stub: StubRegistry) => void;

/** What to do in place of answering properly, by method; GET is the ping. */
export type Faults = Readonly<Record<string, Fault>>;

interface Session {
  readonly hash: Hash;
  bytes: number;
}

/**
 * A registry on a port of its own, over real sockets: it checks the blobs that it gets and forgets their bytes. What goes wrong is up to the
 * test.
 */
export class StubRegistry implements AsyncDisposable {
  readonly seen: Seen[] = [];
  /** Sizes of the blobs that were committed, by digest. */
  readonly blobs: Map<string, number> = new Map();
  readonly sessions: Map<string, Session> = new Map();
  /** What stands before the path in a Location; nothing for a Location that is a path only. */
  origin = "";
  readonly #server = createServer((request, response) => this.#handle(request, response));
  readonly #faults: Faults;
  #opened = 0;

  private constructor(faults: Faults) {
    this.#faults = faults;
  }

  static async start(faults: Faults = {}): Promise<StubRegistry> {
    const stub = new StubRegistry(faults);
    stub.#server.listen(0, "127.0.0.1");
    await once(stub.#server, "listening");
    return stub;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get repository(): Repository {
    return newRepository(`${this.host}/some/repo`);
  }

  /** The methods of the requests, in order. */
  get steps(): string[] {
    return this.seen.map(({ method }) => method);
  }

  /** Resolves when a request with that method comes in, or has come in. */
  async got(method: string): Promise<void> {
    while (!this.steps.includes(method)) {
      await once(this.#server, "request");
    }
  }

  /** Takes no more connections, and resolves when no request is under way on those that there are. */
  async idle(): Promise<void> {
    this.#server.close();
    await once(this.#server, "close");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) {
      await this.idle();
    }
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url = "", headers } = request;
    this.seen.push({ method, url, headers });
    const fault = this.#faults[method];
    if (fault !== undefined) {
      fault(request, response, this);
    } else {
      this.answer(request, response);
    }
  }

  /** What a proper registry does. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "", "http://stub");
    const [, id = ""] = /\/blobs\/(?:uploads\/)?([^/]*)$/.exec(url.pathname) ?? [];
    switch (request.method) {
      case "HEAD":
        response.writeHead(this.blobs.has(id) ? 200 : 404).end();
        return;
      case "POST": {
        const opened = `session-${++this.#opened}`;
        this.sessions.set(opened, { hash: createHash("sha256"), bytes: 0 });
        response.writeHead(202, { location: this.location(opened) }).end();
        return;
      }
      case "PATCH":
        this.#store(id, request, response);
        return;
      case "PUT":
        this.#commit(id, url.searchParams.get("digest") ?? "", response);
        return;
      case "DELETE":
        response.writeHead(this.sessions.delete(id) ? 204 : 404).end();
        return;
      default:
        response.writeHead(200).end("{}");
    }
  }

  location(session: string): string {
    return `${this.origin}/v2/some/repo/blobs/uploads/${session}?_state=a%2Fb+c==`;
  }

  #store(id: string, request: IncomingMessage, response: ServerResponse): void {
    const session = this.sessions.get(id);
    request.on("data", (chunk: Uint8Array) => {
      session?.hash.update(chunk);
      if (session !== undefined) {
        session.bytes += chunk.byteLength;
      }
    });
    request.on("end", () => {
      response.writeHead(session === undefined ? 404 : 202, { location: this.location(id) }).end();
    });
  }

  #commit(id: string, digest: string, response: ServerResponse): void {
    const session = this.sessions.get(id);
    this.sessions.delete(id);
    if (session === undefined) {
      refuse(response, 404, "BLOB_UPLOAD_UNKNOWN");
    } else if (`sha256:${session.hash.digest("hex")}` !== digest) {
      refuse(response, 400, "DIGEST_INVALID");
    } else {
      this.blobs.set(digest, session.bytes);
      response.writeHead(201, { "docker-content-digest": digest }).end();
    }
  }
}

/** Answers with an error of the distribution-spec's form. */
export function refuse(response: ServerResponse, status: number, code: string, message = "no"): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}
