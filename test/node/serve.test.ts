import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Handler, type Listener, ServeError, type ServeOptions, serve } from "../../src/node/index.js";
import { rawClient } from "./raw-client.js";

const MIB = 1024 * 1024;
const open: Listener[] = [];

async function start(handler: Handler, options: ServeOptions = {}): Promise<Listener> {
  const listener = await serve(handler, options);
  open.push(listener);
  return listener;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

/** Lets everything that can happen without anyone's help happen: stops when the count has not changed for many turns. */
async function untilStill(count: () => number): Promise<void> {
  for (let still = 0, last = count(); still < 50; still++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (count() !== last) {
      last = count();
      still = 0;
    }
  }
}

/** A promise with its resolver outside. */
function signalling(): { readonly reached: Promise<void>; readonly reach: () => void } {
  let reach: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return { reached, reach };
}

/** A body that goes on until it is cancelled. */
function endless(cancel: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: async (controller) => {
      await nextTurn();
      controller.enqueue(new Uint8Array(65_536));
    },
    cancel,
  });
}

describe("requests", () => {
  const echo: Handler = async (request) =>
    Response.json({
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    });

  it("arrive with method, URL, headers and body", async () => {
    const { url } = await start(echo);
    const response = await fetch(`${url}/a/b%2Fc?x=1&y=%20`, {
      method: "PUT",
      headers: { "X-Some": "thing", "Content-Type": "text/plain" },
      body: "hello",
    });
    expect(await response.json()).toMatchObject({
      method: "PUT",
      url: `${url}/a/b%2Fc?x=1&y=%20`,
      headers: { "x-some": "thing", "content-type": "text/plain", "content-length": "5" },
      body: "hello",
    });
  });

  it("arrive with a chunked body, piece by piece", async () => {
    const { url } = await start(echo);
    const pieces = ["one ", "two ", "three"].map((text) => new TextEncoder().encode(text));
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
    });
    const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
    expect(await (await fetch(url, init)).json()).toMatchObject({ body: "one two three" });
  });

  it("have no body when they announce none, or an empty one", async () => {
    const bodies: boolean[] = [];
    const { url } = await start((request) => {
      bodies.push(request.body === null);
      return new Response();
    });
    for (const method of ["GET", "DELETE", "POST", "PUT"]) await fetch(url, { method });
    await fetch(url, { method: "PUT", body: "" });
    expect(bodies).toEqual([true, true, true, true, true]);
  });

  it("of GET with a body lose the body alone, and the connection serves the next", async () => {
    const { url } = await start(echo);
    const client = await rawClient(url);
    client.socket.write("GET /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    client.socket.write("GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await client.over;
    expect(client.received()).toContain('"url":"http://x/1"');
    expect(client.received()).toContain('"url":"http://x/2"');
    expect(client.received()).not.toContain("hello");
  });

  it.each([
    ["registry.example", "http://registry.example/p"],
    ["registry.example:5000", "http://registry.example:5000/p"],
    ["[::1]:80", "http://[::1]/p"],
  ])("keep the ordinary host %s", async (host, expected) => {
    const { url } = await start(echo);
    const client = await rawClient(url);
    client.socket.write(`GET /p HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    await client.over;
    expect(client.received()).toContain(`"url":"${expected}"`);
  });

  it.each([
    "user:password@host",
    "a b",
    "host/path",
    "host?query",
    "[::",
    "999.999.999.999",
    "x:99999999",
    "x:65536",
    "é",
    "<script>",
    "a\\b",
  ])("have the host %j replaced", async (host) => {
    const { url } = await start(echo);
    const client = await rawClient(url);
    client.socket.write(
      Buffer.from(`GET /p HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, "latin1"),
    );
    await client.over;
    expect(client.received()).toContain(`"url":"${url}/p"`);
  });

  it.each([
    ["//evil.example/p", "//evil.example/p"],
    ["http://evil.example/p?q", "/p?q"],
    ["/../../etc/passwd", "/etc/passwd"],
    ["/\\evil.example", "//evil.example"],
  ])("have the target %s read as a path", async (target, path) => {
    const { url } = await start(echo);
    const client = await rawClient(url);
    client.socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await client.over;
    expect(client.received()).toContain(`"url":"http://x${path}"`);
  });

  it.each(["OPTIONS * HTTP/1.1", "TRACE / HTTP/1.1"])("are refused when they begin %s", async (line) => {
    const handler = vi.fn(echo);
    const { url } = await start(handler);
    const client = await rawClient(url);
    client.socket.write(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await client.over;
    expect(client.received()).toMatch(/^HTTP\/1\.1 400 /);
    expect(client.received()).toContain('"errors"');
    expect(handler).not.toHaveBeenCalled();
  });

  it.each([
    "GET evil HTTP/1.1\r\nHost: x\r\n\r\n",
    "garbage\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
    "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
  ])("that are no HTTP end their own connection alone: %j", async (text) => {
    const { url } = await start(echo);
    const client = await rawClient(url);
    client.socket.write(text);
    await client.over;
    expect((await fetch(url)).status).toBe(200);
  });

  it("with headers beyond 16 KiB are refused with 431", async () => {
    const { url } = await start(echo);
    const client = await rawClient(url);
    client.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"a".repeat(17 * 1024)}\r\n\r\n`);
    await client.over;
    expect(client.received()).toMatch(/^HTTP\/1\.1 431 /);
    expect((await fetch(url)).status).toBe(200);
  });

  it("that expect 100-continue are told to go on", async () => {
    const { url } = await start(echo);
    const client = await rawClient(url);
    client.socket.write(
      "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n",
    );
    await client.until("HTTP/1.1 100 Continue");
    client.socket.write("ok");
    await client.over;
    expect(client.received()).toContain('"body":"ok"');
  });
});

describe("responses", () => {
  it("leave with status, headers, repeated ones too, and body", async () => {
    const { url } = await start(() => {
      const headers = new Headers({ "X-Some": "thing", "Content-Type": "text/plain" });
      headers.append("Set-Cookie", "a=1");
      headers.append("Set-Cookie", "b=2");
      return new Response("body", { status: 202, headers });
    });
    const response = await fetch(url);
    expect(response.status).toBe(202);
    expect(response.headers.get("X-Some")).toBe("thing");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.text()).toBe("body");
  });

  it("without a body have a length of 0, and those of 204 none", async () => {
    const { url } = await start(
      (request) => new Response(null, { status: request.url.endsWith("204") ? 204 : 201 }),
    );
    expect((await fetch(`${url}/201`)).headers.get("Content-Length")).toBe("0");
    const none = await fetch(`${url}/204`);
    expect([none.status, none.headers.get("Content-Length")]).toEqual([204, null]);
  });

  it("to HEAD keep their length and lose their body, which is cancelled", async () => {
    const cancel = vi.fn();
    const { url } = await start(
      () => new Response(new ReadableStream({ cancel }), { headers: { "Content-Length": "1234" } }),
    );
    const response = await fetch(url, { method: "HEAD" });
    expect(response.headers.get("Content-Length")).toBe("1234");
    expect(await response.text()).toBe("");
    expect(cancel).toHaveBeenCalledOnce();
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("secret");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("secret");
      },
    ],
    ["has no response", () => undefined as unknown as Response],
  ] as const)("are 500 in clean JSON when the handler %s", async (_, handler) => {
    const onError = vi.fn();
    const { url } = await start(handler, { onError });
    const response = await fetch(url);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toContain("secret");
    expect(JSON.parse(text)).toEqual({ errors: [{ code: "UNKNOWN", message: expect.any(String) }] });
    expect(onError).toHaveBeenCalledOnce();
    expect((await fetch(url)).status).toBe(500);
  });

  it("are 500 though the one who is told of errors fails, too", async () => {
    const { url } = await start(
      () => {
        throw new Error("first");
      },
      {
        onError: () => {
          throw new Error("second");
        },
      },
    );
    for (let i = 0; i < 2; i++) expect((await fetch(url)).status).toBe(500);
  });

  it("are cut when their body is someone else's already", async () => {
    const onError = vi.fn();
    const { url } = await start(
      () => {
        const response = new Response("x");
        response.body?.getReader();
        return response;
      },
      { onError },
    );
    await expect(fetch(url)).rejects.toThrow();
    expect(onError).toHaveBeenCalledOnce();
  });

  it("are 500 when a header cannot be sent", async () => {
    const { url } = await start(() => new Response("x", { headers: { "X-Bad": "a\x7fb" } }));
    expect((await fetch(url)).status).toBe(500);
  });

  it.each([
    [
      "fails",
      (controller: ReadableStreamDefaultController<Uint8Array>) => controller.error(new Error("disk")),
    ],
    ["ends early", (controller: ReadableStreamDefaultController<Uint8Array>) => controller.close()],
    [
      "is too long",
      (controller: ReadableStreamDefaultController<Uint8Array>) => controller.enqueue(new Uint8Array(200)),
    ],
  ])("are cut when the body %s, so that nobody takes the part for the whole", async (_, finish) => {
    const onError = vi.fn();
    const { url } = await start(
      () => {
        let pulls = 0;
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            pulls += 1;
            if (pulls === 1) controller.enqueue(new Uint8Array(10));
            else finish(controller);
          },
        });
        return new Response(body, { headers: { "Content-Length": "100" } });
      },
      { onError },
    );
    await expect(fetch(url).then((response) => response.arrayBuffer())).rejects.toThrow();
    expect(onError).toHaveBeenCalledOnce();
  });

  it("reuse their connection, also after a body that the handler did not want", async () => {
    const { url } = await start((request) => new Response(request.method));
    const client = await rawClient(url);
    client.socket.write("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n");
    client.socket.write(Buffer.alloc(300_000));
    await client.until("PUT");
    client.socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await client.over;
    expect(client.received()).toContain("3\r\nGET\r\n");
  });

  it("reuse their connection after a body that the handler read in part", async () => {
    const { url } = await start(async (request) => {
      if (request.body === null) return new Response("next");
      const reader = request.body.getReader();
      await reader.read();
      if (request.headers.has("X-Cancel")) await reader.cancel();
      return new Response("enough", { status: 413 });
    });
    for (const header of ["", "X-Cancel: 1\r\n"]) {
      const client = await rawClient(url);
      client.socket.write(`PUT / HTTP/1.1\r\nHost: x\r\n${header}Content-Length: 1000000\r\n\r\n`);
      client.socket.write(Buffer.alloc(1_000_000));
      await client.until("enough");
      client.socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      await client.over;
      expect(client.received()).toContain("next");
    }
  });

  it("come before their connection is broken, when the body that nobody wants does not end", async () => {
    const { url } = await start(() => new Response("no, thanks", { status: 413 }));
    const client = await rawClient(url);
    client.socket.write("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    const piece = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536), Buffer.from("\r\n")]);
    const pour = (): void => {
      while (client.socket.writable && client.socket.write(piece));
    };
    client.socket.on("drain", pour);
    pour();
    await client.over;
    expect(client.received()).toContain("no, thanks");
  });
});

describe("clients that leave", () => {
  it("in the middle of a body fail the body and abort the request's signal", async () => {
    const arrived = signalling();
    const outcome = signalling();
    const seen: unknown[] = [];
    const { url } = await start(async (request) => {
      request.signal.addEventListener("abort", () => seen.push("abort"));
      const reader = (request.body as ReadableStream<Uint8Array>).getReader();
      seen.push((await reader.read()).value?.length);
      arrived.reach();
      await reader.read().catch((error: Error) => seen.push(error.message));
      outcome.reach();
      return new Response();
    });
    const client = await rawClient(url);
    client.socket.write("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhello");
    await arrived.reached;
    client.socket.destroy();
    await outcome.reached;
    await vi.waitFor(() => expect(seen).toContain("abort"));
    expect(seen).toContain(5);
    expect(seen).toContain("the connection ended before the body did");
  });

  it("before the response have their signal aborted, and nothing else happens", async () => {
    const onError = vi.fn();
    const aborted = signalling();
    const arrived = signalling();
    const listener = await start(
      (request) =>
        new Promise((resolve) => {
          request.signal.addEventListener("abort", () => {
            aborted.reach();
            resolve(new Response("late"));
          });
          arrived.reach();
        }),
      { onError },
    );
    const client = await rawClient(listener.url);
    client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await arrived.reached;
    client.socket.destroy();
    await aborted.reached;
    await listener.close();
    expect(onError).not.toHaveBeenCalled();
  });

  it("in the middle of a response cancel its body", async () => {
    const cancelled = signalling();
    const { url } = await start(() => new Response(endless(cancelled.reach)));
    const client = await rawClient(url);
    client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await client.until("200 OK");
    client.socket.destroy();
    await cancelled.reached;
  });

  it("in the middle of a response of known length are no error of the handler's", async () => {
    const onError = vi.fn();
    const cancelled = signalling();
    const listener = await start(
      () => new Response(endless(cancelled.reach), { headers: { "Content-Length": "1000000000" } }),
      { onError },
    );
    const client = await rawClient(listener.url);
    client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await client.until("200 OK");
    client.socket.destroy();
    await cancelled.reached;
    await listener.close();
    expect(onError).not.toHaveBeenCalled();
  });

  it("while a response waits for its source cancel that, too", async () => {
    const cancelled = signalling();
    const { url } = await start(
      () =>
        new Response(
          new ReadableStream({
            start: (controller) => controller.enqueue(new Uint8Array(10)),
            pull: () => new Promise(() => {}),
            cancel: () => cancelled.reach(),
          }),
        ),
    );
    const client = await rawClient(url);
    client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await client.until("\r\n\r\n");
    client.socket.destroy();
    await cancelled.reached;
  });
});

describe("backpressure", () => {
  const TOTAL = 64 * MIB;
  /** What may be between two ends that do not read: the system's socket buffers on both sides, and a few chunks. */
  const IN_FLIGHT = 24 * MIB;

  it.each([0, 1])("stops a fast client while the handler does not read, after %d chunks", async (chunks) => {
    const go = signalling();
    const { url } = await start(async (request) => {
      const reader = (request.body as ReadableStream<Uint8Array>).getReader();
      let read = 0;
      for (let i = 0; ; i++) {
        if (i === chunks) await go.reached;
        const { done, value } = await reader.read();
        if (done) return new Response(String(read));
        read += value.length;
      }
    });
    let sent = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (sent === TOTAL) controller.close();
          else {
            sent += 65_536;
            controller.enqueue(new Uint8Array(65_536));
          }
        },
      },
      { highWaterMark: 0 },
    );
    const init: RequestInit & { duplex: "half" } = { method: "PUT", body, duplex: "half" };
    const response = fetch(url, init);
    await untilStill(() => sent);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(IN_FLIGHT);
    go.reach();
    expect(await (await response).text()).toBe(String(TOTAL));
  });

  it("stops a response while the client does not read", async () => {
    let made = 0;
    const { url } = await start(
      () =>
        new Response(
          new ReadableStream<Uint8Array>(
            {
              pull(controller) {
                if (made === TOTAL) controller.close();
                else {
                  made += 65_536;
                  controller.enqueue(new Uint8Array(65_536));
                }
              },
            },
            { highWaterMark: 0 },
          ),
        ),
    );
    const client = await rawClient(url);
    client.socket.pause();
    client.socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await untilStill(() => made);
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(IN_FLIGHT);
    client.socket.resume();
    await client.over;
    expect(made).toBe(TOTAL);
  });
});

describe("listening", () => {
  it("binds the loopback address and a free port by default", async () => {
    const { url, address } = await start(() => new Response());
    expect(address.host).toBe("127.0.0.1");
    expect(address.port).toBeGreaterThan(0);
    expect(url).toBe(`http://127.0.0.1:${address.port}`);
  });

  it("writes IPv6 addresses in brackets", async () => {
    const { url, address } = await start(() => new Response("six"), { host: "::1" });
    expect(url).toBe(`http://[::1]:${address.port}`);
    expect(await (await fetch(url)).text()).toBe("six");
  });

  it("says what to do about a port in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const failure = await serve(() => new Response(), { port }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServeError);
    expect(failure).toMatchObject({
      code: "ERR_VARVE_ADDRESS_IN_USE",
      message: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port} is in use.*choose another port`)),
    });
    other.close();
  });

  it.each([
    [{ host: "203.0.113.1" }, /cannot listen on 203\.0\.113\.1:0/],
    [{ port: 65_536 }, /cannot listen on 127\.0\.0\.1:65536/],
  ])("fails with a typed error for %j", async (options, message) => {
    const failure = await serve(() => new Response(), options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServeError);
    expect(failure).toMatchObject({ code: "ERR_VARVE_LISTEN", message: expect.stringMatching(message) });
  });

  it("does not begin when its signal is aborted already", async () => {
    const reason = new Error("no");
    await expect(serve(() => new Response(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("does not stay when its signal is aborted while it begins", async () => {
    const controller = new AbortController();
    const listening = serve(() => new Response(), { signal: controller.signal });
    const reason = new Error("no");
    controller.abort(reason);
    await expect(listening).rejects.toBe(reason);
  });

  it("ends a connection that is silent for too long", async () => {
    const { url } = await start(() => new Promise(() => {}), { idleTimeout: 30 });
    const client = await rawClient(url);
    client.socket.write("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
    await client.over;
    expect(client.received()).toBe("");
  });
});

describe("close", () => {
  it("ends idle connections at once and takes no new ones", async () => {
    const listener = await start(() => new Response("ok"));
    const client = await rawClient(listener.url);
    client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await client.until("ok");
    const silent = await rawClient(listener.url);
    await listener.close();
    await Promise.all([client.over, silent.over]);
    await expect(fetch(listener.url)).rejects.toThrow();
  });

  it("waits for a request that is under way, whose response comes whole", async () => {
    const arrived = signalling();
    const go = signalling();
    const listener = await start(async () => {
      arrived.reach();
      await go.reached;
      return new Response(new Uint8Array(5 * MIB));
    });
    const response = fetch(listener.url);
    await arrived.reached;
    const closed = listener.close();
    go.reach();
    expect((await (await response).arrayBuffer()).byteLength).toBe(5 * MIB);
    await closed;
  });

  it("does not wait longer than it was told to", async () => {
    const arrived = signalling();
    const listener = await start(
      () => {
        arrived.reach();
        return new Promise(() => {});
      },
      { closeTimeout: 20 },
    );
    const response = fetch(listener.url);
    response.catch(() => {});
    await arrived.reached;
    await listener.close();
    await expect(response).rejects.toThrow();
  });

  it("waits for ever if it was told to", async () => {
    const arrived = signalling();
    const go = signalling();
    const listener = await start(
      async () => {
        arrived.reach();
        await go.reached;
        return new Response("done");
      },
      { closeTimeout: Number.POSITIVE_INFINITY },
    );
    const response = fetch(listener.url);
    response.catch(() => {});
    await arrived.reached;
    const closed = listener.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    go.reach();
    expect(await (await response).text()).toBe("done");
    await closed;
  });

  it("gives the same promise every time, and is what an aborted signal does", async () => {
    const controller = new AbortController();
    const listener = await start(() => new Response(), { signal: controller.signal });
    const client = await rawClient(listener.url);
    controller.abort();
    await client.over;
    expect(listener.close()).toBe(listener.close());
    await listener.close();
    await expect(fetch(listener.url)).rejects.toThrow();
  });
});
