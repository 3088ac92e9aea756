import type { ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { newRepository } from "../../../src/name/index.js";
import { newFetch } from "../../../src/node/index.js";
import { newRegistry } from "../../../src/registry/index.js";
import {
  LayerReadError,
  NetworkError,
  OperationAbortedError,
  RegistryError,
  writeLayer,
} from "../../../src/remote/index.js";
import { AbortedError, newLayer, StreamFailedError } from "../../../src/stream/index.js";
import {
  digestOf,
  endlessLayer,
  KnownLayer,
  randomBytes,
  type SourceLog,
  source,
} from "../fixture/layers.js";
import { type Fault, refuse, StubRegistry } from "../fixture/stub-registry.js";
import { rejection } from "../fixture/thrown.js";

const SESSION = "/v2/some/repo/blobs/uploads/session-1?_state=a%2Fb+c==";

/** Lets so many bytes of a request in, and no more. */
function afterBytes(bytes: number, then: Fault): Fault {
  return (request, response, stub) => {
    let got = 0;
    request.on("data", (chunk: Uint8Array) => {
      got += chunk.byteLength;
      if (got >= bytes) {
        request.pause();
        request.removeAllListeners("data");
        then(request, response, stub);
      }
    });
  };
}

const unavailable: Fault = (_, response) => refuse(response, 503, "UNAVAILABLE", "try later");

describe("over real sockets", () => {
  it("acceptance 35: a streaming layer takes POST, PATCH and PUT, the PATCH in chunks and without a length", async () => {
    await using stub = await StubRegistry.start();
    const layer = newLayer(source(3_000_000));
    const written = await writeLayer(stub.repository, layer);

    expect(stub.steps).toEqual(["GET", "POST", "PATCH", "PUT"]);
    const [, post, patch, put] = stub.seen;
    expect(post?.headers["content-length"]).toBe("0");
    expect(patch?.headers).toMatchObject({
      "transfer-encoding": "chunked",
      "content-type": "application/octet-stream",
    });
    expect(patch?.headers).not.toHaveProperty("content-length");
    expect(patch?.headers).not.toHaveProperty("content-range");
    expect(put?.headers["content-length"]).toBe("0");
    expect(put?.url).toBe(`${SESSION}&digest=${encodeURIComponent(String(written.digest))}`);
    expect(stub.blobs).toEqual(new Map([[String(written.digest), written.size]]));
    expect(written.digest).toEqual(await layer.digest());
    expect(stub.sessions.size).toBe(0);
  });

  it("acceptance 36: a known layer is sent once, and found the second time", async () => {
    await using stub = await StubRegistry.start();
    const layer = new KnownLayer(randomBytes(200_000));
    await writeLayer(stub.repository, layer);
    await writeLayer(stub.repository, layer);
    expect(stub.steps).toEqual(["GET", "HEAD", "POST", "PATCH", "PUT", "GET", "HEAD"]);
    expect(stub.blobs.get(digestOf(layer.bytes))).toBe(200_000);
  });

  it("acceptance 39: an absolute Location at the registry's own address is followed, loopback or not", async () => {
    await using stub = await StubRegistry.start();
    stub.origin = `http://${stub.host}`;
    await writeLayer(stub.repository, newLayer(randomBytes(1000)));
    expect(stub.seen[2]?.url).toBe(SESSION);
    expect(stub.blobs.size).toBe(1);
  });

  it("acceptance 40: a Location at another port of the same address is not followed", async () => {
    await using neighbour = await StubRegistry.start();
    await using stub = await StubRegistry.start({
      POST: (_, response) => response.writeHead(202, { location: `http://${neighbour.host}/u` }).end(),
    });
    expect(await rejection(writeLayer(stub.repository, endlessLayer()))).toMatchObject({
      code: "ERR_VARVE_UNSAFE_LOCATION",
    });
    expect(neighbour.seen).toEqual([]);
  });

  it("acceptance 41: a POST without a Location is reported as such", async () => {
    await using stub = await StubRegistry.start({ POST: (_, response) => response.writeHead(202).end() });
    const { message } = await rejection(writeLayer(stub.repository, endlessLayer()));
    expect(message).toContain(
      `POST http://${stub.host}/v2/some/repo/blobs/uploads/: missing Location header`,
    );
  });

  it("acceptance 44: a POST refused with NAME_INVALID is reported with method, code and message, and made once", async () => {
    await using stub = await StubRegistry.start({
      POST: (_, response) => refuse(response, 400, "NAME_INVALID", "invalid repository name"),
    });
    const { message } = await rejection(writeLayer(stub.repository, endlessLayer()));
    expect(message).toBe(
      `POST http://${stub.host}/v2/some/repo/blobs/uploads/: NAME_INVALID: invalid repository name`,
    );
    expect(stub.steps).toEqual(["GET", "POST"]);
  });

  it("follows a redirect of POST and of PUT, which have no body", async () => {
    let asked = 0;
    const redirecting: Fault = (request, response, self) => {
      asked += 1;
      if (asked % 2 === 1) {
        response.writeHead(307, { location: `${request.url}` }).end("moved");
      } else {
        self.answer(request, response);
      }
    };
    await using stub = await StubRegistry.start({ POST: redirecting, PUT: redirecting });
    await writeLayer(stub.repository, newLayer(randomBytes(1000)));
    expect(stub.steps).toEqual(["GET", "POST", "POST", "PATCH", "PUT", "PUT"]);
    expect(stub.blobs.size).toBe(1);
  });
});

describe("a connection that breaks while a stream's source has nothing to give yet", () => {
  it.each([
    ["the runtime's own fetch", undefined],
    ["newFetch", newFetch({ env: {} })],
  ])("has the stream begun again, with %s", async (_, fetch) => {
    const sockets = new Set<Socket>();
    const watched: Fault = (request, response, self) => {
      sockets.add(request.socket);
      self.answer(request, response);
    };
    await using stub = await StubRegistry.start({ GET: watched, POST: watched });
    const bytes = randomBytes(200_000);
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      for (const socket of sockets) socket.destroy();
      while (stub.steps.filter((step) => step === "POST").length < 2) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      yield bytes;
    };
    const layer = newLayer(slow(), { compression: "none" });
    const { digest } = await writeLayer(stub.repository, layer, { fetch, retryBackoff: { delay: 1 } });
    expect(String(digest)).toBe(digestOf(bytes));
    expect(stub.blobs).toEqual(new Map([[digestOf(bytes), 200_000]]));
    expect([stub.steps.at(-2), stub.steps.at(-1), stub.sessions.size]).toEqual(["PATCH", "PUT", 0]);
  });
});

describe("a PATCH that a real server refuses", () => {
  /** Writes an endless layer, which must come to the error, end, and leave no session behind. */
  async function refused(PATCH: Fault): Promise<Error> {
    await using stub = await StubRegistry.start({ PATCH });
    const log: SourceLog = { pulled: 0, closed: 0 };
    const layer = endlessLayer(log);
    const error = await rejection(writeLayer(stub.repository, layer));
    for (const value of [layer.digest(), layer.diffID(), layer.size()]) {
      const failure = await rejection(value);
      expect(failure).toBeInstanceOf(AbortedError);
      expect(failure.cause).toBe(error);
    }
    await layer.sourceClosed;
    expect(log.closed).toBe(1);
    expect(stub.steps).toEqual(["GET", "POST", "PATCH", "DELETE"]);
    expect(stub.seen.at(-1)?.url).toBe(SESSION);
    expect(stub.sessions.size).toBe(0);
    return error;
  }

  it.each([
    ["at once", unavailable],
    [
      "at once, reading on",
      (request, response, stub) => {
        request.resume();
        unavailable(request, response, stub);
      },
    ],
    ["after a megabyte", afterBytes(1_000_000, unavailable)],
  ] satisfies [string, Fault][])("acceptance 47: %s with 503 is reported as that", async (_, fault) => {
    const error = await refused(fault);
    expect(error).toBeInstanceOf(RegistryError);
    expect(error).toMatchObject({ status: 503, method: "PATCH", retryable: true });
    expect(error.message).toContain("UNAVAILABLE: try later");
  });

  it.each([
    ["403", 403, "DENIED", "ERR_VARVE_DENIED"],
    ["401", 401, "UNAUTHORIZED", "ERR_VARVE_UNAUTHORIZED"],
    ["413", 413, "SIZE_INVALID", "ERR_VARVE_REGISTRY"],
  ])("with %s in the middle of the body is reported as that", async (_, status, code, expected) => {
    const error = await refused(afterBytes(300_000, (_request, response) => refuse(response, status, code)));
    expect(error).toMatchObject({ status, code: expected, errors: [{ code, message: "no" }] });
  });

  it("with an error body that never ends is reported, with the body's beginning", async () => {
    const error = await refused(
      afterBytes(100_000, (_, response) => {
        response.writeHead(500);
        const more = (): void => {
          while (!response.destroyed && response.write("endless ".repeat(1000))) {}
          response.once("drain", more);
        };
        more();
      }),
    );
    expect(error).toMatchObject({ status: 500 });
    expect((error as RegistryError).body).toHaveLength(65_536);
  });

  it("with an error body that breaks off is reported all the same", async () => {
    const error = await refused(
      afterBytes(100_000, (_, response) => {
        response.writeHead(500, { "content-length": "1000" });
        response.write("broken", () => setImmediate(() => response.destroy()));
      }),
    );
    // The reset may overtake the answer.
    expect(error instanceof RegistryError || error instanceof NetworkError).toBe(true);
  });

  it.each([
    ["closes", (response: ServerResponse) => response.setHeader("connection", "close").end()],
    ["resets", (response: ServerResponse) => response.end(() => response.socket?.resetAndDestroy())],
    ["destroys", (response: ServerResponse) => response.end(() => response.socket?.destroy())],
  ])(
    "with an answer after which it %s the connection is reported as that, or as a broken connection",
    async (_, end) => {
      const error = await refused(
        afterBytes(500_000, (_request, response) => {
          response.statusCode = 503;
          end(response);
        }),
      );
      expect(error instanceof NetworkError || (error instanceof RegistryError && error.status === 503)).toBe(
        true,
      );
    },
  );

  it("by cutting the connection is reported as a broken one", async () => {
    const error = await refused(afterBytes(500_000, (request) => request.socket.destroy()));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).toMatch(
      /PATCH http:.*no answer from 127\.0\.0\.1:\d+: the connection broke \((ECONNRESET|EPIPE|UND_ERR_SOCKET)\)/,
    );
  });

  it("by redirecting it is not tried again elsewhere", async () => {
    const error = await refused(
      afterBytes(100_000, (_, response) => response.writeHead(307, { location: "/elsewhere" }).end()),
    );
    expect(error).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
    expect(error.message).toContain("cannot be sent twice");
  });

  it("is not taken for stored when it is accepted too early", async () => {
    const error = await refused(
      afterBytes(100_000, (_, response) => response.writeHead(202, { location: SESSION }).end()),
    );
    expect(error.message).toContain("answered with status 202 when only");
  });

  it("leaves the connections free", async () => {
    const stub = await StubRegistry.start({
      PATCH: (request, response, self) => {
        request.resume();
        unavailable(request, response, self);
      },
    });
    await rejection(writeLayer(stub.repository, endlessLayer()));
    await stub.idle();
  });
});

describe("a source that fails in the middle of a PATCH", () => {
  it("is what is reported, and the session is cancelled", async () => {
    const failure = new Error("disk on fire");
    async function* failing(): AsyncGenerator<Uint8Array> {
      for (let piece = 0; piece < 20; piece++) {
        yield randomBytes(65_536);
        await new Promise((resolve) => setImmediate(resolve));
      }
      throw failure;
    }
    await using stub = await StubRegistry.start();
    const layer = newLayer(failing());
    const error = await rejection(writeLayer(stub.repository, layer));
    expect(error).toBeInstanceOf(LayerReadError);
    expect(error.cause).toBe(failure);
    expect(error.message).toContain("disk on fire");
    expect(await rejection(layer.digest())).toBeInstanceOf(StreamFailedError);
    expect(stub.steps).toEqual(["GET", "POST", "PATCH", "DELETE"]);
    expect(stub.sessions.size).toBe(0);
    expect(stub.blobs.size).toBe(0);
  });
});

describe("aborting over real sockets", () => {
  const silent: Fault = (request) => request.resume();

  it.each(["GET", "POST", "PATCH", "PUT"])(
    "during a %s that is never answered rejects, and cancels a session",
    async (method) => {
      await using stub = await StubRegistry.start({ [method]: silent });
      const controller = new AbortController();
      const layer = method === "PUT" ? newLayer(randomBytes(1000)) : endlessLayer();
      const error = rejection(writeLayer(stub.repository, layer, { signal: controller.signal }));
      await stub.got(method);
      controller.abort(new Error("enough"));
      expect(await error).toBeInstanceOf(OperationAbortedError);
      const opened = method === "PATCH" || method === "PUT";
      expect(stub.steps.includes("DELETE")).toBe(opened);
      expect(stub.sessions.size).toBe(0);
    },
  );

  it("during a PATCH closes the source", async () => {
    await using stub = await StubRegistry.start({ PATCH: silent });
    const log: SourceLog = { pulled: 0, closed: 0 };
    const layer = endlessLayer(log);
    const controller = new AbortController();
    const error = rejection(writeLayer(stub.repository, layer, { signal: controller.signal }));
    await stub.got("PATCH");
    controller.abort();
    await error;
    await layer.sourceClosed;
    expect(log.closed).toBe(1);
  });
});

describe("a registry that is not there", () => {
  it("is reported with its host and the reason", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));

    const layer = newLayer(randomBytes(10));
    const error = await rejection(writeLayer(newRepository(`127.0.0.1:${port}/repo`), layer));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({
      code: "ERR_VARVE_NETWORK",
      retryable: true,
      host: `127.0.0.1:${port}`,
      causeCode: "ECONNREFUSED",
    });
    expect(error.message).toContain(`cannot reach the registry at 127.0.0.1:${port}`);
    expect(error.message).toContain("the connection was refused (ECONNREFUSED)");
  });

  it("acceptance 58: is looked for over http too, if https finds no TLS", async () => {
    await using stub = await StubRegistry.start();
    await writeLayer(stub.repository, newLayer(randomBytes(10)));
    expect(stub.blobs.size).toBe(1);
  });
});

describe("into the embedded registry", () => {
  it("a streaming layer arrives whole", async () => {
    const registry = newRegistry();
    const input = randomBytes(500_000);
    const { digest, size } = await writeLayer(newRepository("registry.example/a/b"), newLayer(input), {
      fetch: (url, init) => registry.fetch(new Request(url, init)),
    });
    const response = await registry.fetch(new Request(`https://registry.example/v2/a/b/blobs/${digest}`));
    const blob = new Uint8Array(await response.arrayBuffer());
    expect(blob.byteLength).toBe(size);
    expect(digestOf(blob)).toBe(String(digest));
    expect(digestOf(gunzipSync(blob))).toBe(digestOf(input));
    await registry.close();
  });
});
