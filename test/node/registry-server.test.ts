import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type RegistryServer,
  type RegistryServerOptions,
  ServeError,
  serveRegistry,
} from "../../src/node/index.js";
import { digestOf, expectBody, expectError, noise } from "../registry/exchange.js";
import { rawClient } from "./raw-client.js";

const MIB = 1024 * 1024;
const servers: RegistryServer[] = [];
const directories: string[] = [];

async function start(options: RegistryServerOptions = {}): Promise<RegistryServer> {
  const server = await serveRegistry({ address: "127.0.0.1:0", ...options });
  servers.push(server);
  return server;
}

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "varve-test-"));
  directories.push(directory);
  return directory;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await Promise.all(
    directories.splice(0).map((directory) => rm(directory, { recursive: true, force: true })),
  );
});

async function openUpload(url: string, repository: string): Promise<string> {
  const response = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: "POST" });
  expect(response.status).toBe(202);
  return new URL(response.headers.get("Location") as string, url).href;
}

async function push(url: string, repository: string, body: Uint8Array): Promise<Response> {
  const upload = await openUpload(url, repository);
  const patched = await fetch(upload, { method: "PATCH", body: body as BodyInit });
  expect(patched.status).toBe(202);
  return fetch(`${upload}?digest=${digestOf(body)}`, { method: "PUT" });
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

describe("serveRegistry", () => {
  it("takes a push with fetch and gives it back with its manifest", async () => {
    const { url } = await start();
    const layer = noise(2 * MIB);
    expect((await push(url, "some/image", layer)).status).toBe(201);
    const manifest = JSON.stringify({
      schemaVersion: 2,
      layers: [{ digest: digestOf(layer), size: layer.length }],
    });
    const pushed = await fetch(`${url}/v2/some/image/manifests/latest`, {
      method: "PUT",
      headers: { "Content-Type": "application/vnd.oci.image.manifest.v1+json" },
      body: manifest,
    });
    expect(pushed.status).toBe(201);
    expect(await (await fetch(`${url}/v2/some/image/manifests/latest`)).text()).toBe(manifest);
    await expectBody(await fetch(`${url}/v2/some/image/blobs/${digestOf(layer)}`), layer);
    const part = await fetch(`${url}/v2/some/image/blobs/${digestOf(layer)}`, {
      headers: { Range: "bytes=-100" },
    });
    expect(part.status).toBe(206);
    await expectBody(part, layer.slice(-100));
    const head = await fetch(`${url}/v2/some/image/blobs/${digestOf(layer)}`, { method: "HEAD" });
    expect(head.headers.get("Content-Length")).toBe(String(layer.length));
  });

  it("takes a chunked body of node:http that trickles in", async () => {
    const { url } = await start();
    const body = noise(50_000);
    const upload = await openUpload(url, "a");
    const request = httpRequest(upload, { method: "PATCH" });
    for (let at = 0; at < body.length; at += 1000) {
      request.write(body.subarray(at, at + 1000));
      await nextTurn();
    }
    request.end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(202);
    expect(response.headers.range).toBe("0-49999");
    response.resume();
    expect((await fetch(`${upload}?digest=${digestOf(body)}`, { method: "PUT" })).status).toBe(201);
  });

  it("verifies sha512 blobs, too", async () => {
    const { url } = await start();
    const body = noise(300_000);
    const digest = digestOf(body, "sha512");
    const upload = await openUpload(url, "a");
    const put = await fetch(`${upload}?digest=${digest}`, { method: "PUT", body: body as BodyInit });
    expect(put.status).toBe(201);
    await expectBody(await fetch(`${url}/v2/a/blobs/${digest}`), body);
  });

  it("refuses hostile names that fetch would have mended", async () => {
    const { url } = await start();
    for (const target of ["/v2/a%2Fb/tags/list", "/v2/..%2f..%2fetc/tags/list", "/v2/A/tags/list"]) {
      const client = await rawClient(url);
      client.socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      await client.over;
      expect(client.received()).toMatch(/^HTTP\/1\.1 400 /);
      expect(client.received()).toContain("NAME_INVALID");
    }
  });
});

describe("a client that leaves in the middle of a PATCH", () => {
  it.each([
    ["memory", { memory: 64 * MIB }],
    ["disk", {}],
  ])(
    "leaves what was stored in %s, from which another connection goes on to the same digest",
    async (_, options) => {
      const { url } = await start(options);
      const body = noise(MIB);
      const upload = await openUpload(url, "a");
      const client = await rawClient(url);
      client.socket.write(
        `PATCH ${new URL(upload).pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      client.socket.write(body.subarray(0, 600_000));
      const held = async (): Promise<number> => {
        const status = await fetch(upload);
        expect(status.status).toBe(204);
        return Number(status.headers.get("Range")?.slice(2)) + 1;
      };
      await vi.waitFor(async () => expect(await held()).toBe(600_000), { timeout: 20_000 });
      client.socket.destroy();

      const rest = await fetch(upload, {
        method: "PATCH",
        headers: { "Content-Range": `600000-${body.length - 1}` },
        body: body.slice(600_000) as BodyInit,
      });
      expect(rest.status).toBe(202);
      expect((await fetch(`${upload}?digest=${digestOf(body)}`, { method: "PUT" })).status).toBe(201);
      await expectBody(await fetch(`${url}/v2/a/blobs/${digestOf(body)}`), body);
    },
  );

  it("and never comes back leaves no blob, of no digest", async () => {
    const { url, directory } = await start();
    const body = noise(100_000);
    const client = await rawClient(url);
    client.socket.write(
      `POST /v2/a/blobs/uploads/?digest=${digestOf(body)} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    client.socket.write(body.subarray(0, 99_999));
    const uploads = join(directory as string, "uploads");
    await vi.waitFor(async () => expect(await readdir(uploads)).toHaveLength(1));
    client.socket.destroy();
    await vi.waitFor(async () => expect(await readdir(uploads)).toHaveLength(0));
    expect((await fetch(`${url}/v2/a/blobs/${digestOf(body)}`)).status).toBe(404);
    expect(await isThere(join(directory as string, "blobs"))).toBe(false);
  });
});

describe("many clients", () => {
  it("push the same blob at once, to one repository and to several", async () => {
    const { url, directory } = await start();
    const body = noise(MIB);
    const repositories = ["a", "a", "a", "b", "b", "c", "d", "e"];
    const pushed = await Promise.all(repositories.map((repository) => push(url, repository, body)));
    expect(pushed.map(({ status }) => status)).toEqual(repositories.map(() => 201));
    for (const repository of new Set(repositories)) {
      await expectBody(await fetch(`${url}/v2/${repository}/blobs/${digestOf(body)}`), body);
    }
    expect(await readdir(join(directory as string, "blobs/sha256"))).toEqual([digestOf(body).slice(7)]);
    expect(await readdir(join(directory as string, "uploads"))).toEqual([]);
  });

  it("are served while a slow one dawdles over its request and another over its response", async () => {
    const { url } = await start();
    const body = noise(8 * MIB);
    expect((await push(url, "a", body)).status).toBe(201);
    const slowPush = await rawClient(url);
    slowPush.socket.write(
      `POST /v2/slow/blobs/uploads/?digest=${digestOf("slow")} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nsl`,
    );
    const slowPull = await rawClient(url);
    slowPull.socket.pause();
    slowPull.socket.write(
      `GET /v2/a/blobs/${digestOf(body)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    for (let i = 0; i < 3; i++) expect((await push(url, "b", noise(200_000, i + 2))).status).toBe(201);

    slowPush.socket.write("ow");
    slowPull.socket.resume();
    await Promise.all([slowPush.over, slowPull.over]);
    expect(slowPush.received()).toMatch(/^HTTP\/1\.1 201 /);
    const response = slowPull.received();
    const received = Buffer.from(response.slice(response.indexOf("\r\n\r\n") + 4), "latin1");
    expect({ size: received.length, digest: digestOf(received) }).toEqual({
      size: body.length,
      digest: digestOf(body),
    });
  });
});

describe("a chunked upload of 64 MiB", () => {
  it("is never ahead of what is stored by more than the system's buffers", async () => {
    const { url, directory } = await start();
    const total = 64 * MIB;
    const piece = noise(MIB);
    const upload = await openUpload(url, "a");
    let sent = 0;
    let most = 0;
    const measure = async (): Promise<void> => {
      const [name] = await readdir(join(directory as string, "uploads"));
      const stored =
        name === undefined ? total : (await stat(join(directory as string, "uploads", name))).size;
      most = Math.max(most, sent - stored);
    };
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          if (sent === total) {
            controller.close();
            return;
          }
          sent += piece.length;
          controller.enqueue(piece);
          await measure();
        },
      },
      { highWaterMark: 0 },
    );
    const init: RequestInit & { duplex: "half" } = { method: "PATCH", body, duplex: "half" };
    const patched = await fetch(upload, init);
    expect(patched.headers.get("Range")).toBe(`0-${total - 1}`);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(24 * MIB);
  });
});

describe("where things are kept", () => {
  it("is a temporary directory of its owner's alone, which goes with the server", async () => {
    const server = await start();
    const directory = server.directory as string;
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    await push(server.url, "a", noise(1000));
    await openUpload(server.url, "a");
    await server.close();
    expect(await isThere(directory)).toBe(false);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it("is the directory that was named, which stays, and serves the same after a restart, uploads under way included", async () => {
    const disk = await newDirectory();
    const body = noise(500_000);
    const first = await start({ disk });
    expect(first.directory).toBe(disk);
    await push(first.url, "a", body);
    const path = new URL(await openUpload(first.url, "a")).pathname;
    await first.close();

    const second = await start({ disk });
    await expectBody(await fetch(`${second.url}/v2/a/blobs/${digestOf(body)}`), body);
    const more = noise(1000, 2);
    const finished = await fetch(`${second.url}${path}?digest=${digestOf(more)}`, {
      method: "PUT",
      body: more as BodyInit,
    });
    expect(finished.status).toBe(201);
    expect(await readdir(join(disk, "uploads"))).toEqual([]);
    await second.close();
    expect(await isThere(join(disk, "uploads.lock"))).toBe(false);
  });

  it("is memory, up to a limit, when that was asked for", async () => {
    const { url, directory } = await start({ memory: 2 * MIB });
    expect(directory).toBeUndefined();
    expect((await push(url, "a", noise(MIB))).status).toBe(201);
    const more = noise(1.5 * MIB, 2);
    const refused = await fetch(`${url}/v2/a/blobs/uploads/?digest=${digestOf(more)}`, {
      method: "POST",
      body: more as BodyInit,
    });
    await expectError(refused, 507, "DENIED");
  });

  it("is not both", async () => {
    const failure = await serveRegistry({ disk: "/nowhere", memory: 1 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServeError);
    expect(failure).toMatchObject({ code: "ERR_VARVE_SERVE_OPTIONS" });
  });
});

describe("starting and ending", () => {
  it.each([
    "",
    "5000",
    ":5000",
    "localhost",
    "localhost:",
    "localhost:http",
    "127.0.0.1:65536",
    "::1:5000",
    "a:1:2",
    "http://x:1",
  ])("refuses the address %j and says what one looks like", async (address) => {
    const failure = await serveRegistry({ address }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServeError);
    expect(failure).toMatchObject({
      code: "ERR_VARVE_SERVE_OPTIONS",
      message: expect.stringContaining("expected HOST:PORT"),
    });
  });

  it("takes an IPv6 address in brackets", async () => {
    const { url } = await start({ address: "[::1]:0" });
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${url}/v2/`)).status).toBe(200);
  });

  it("leaves no temporary directory behind when the port is in use", async () => {
    const { address } = await start();
    const ours = async (): Promise<string[]> =>
      (await readdir(tmpdir())).filter((name) => name.startsWith("varve-registry-"));
    const before = await ours();
    await expect(serveRegistry({ address: `127.0.0.1:${address.port}` })).rejects.toMatchObject({
      code: "ERR_VARVE_ADDRESS_IN_USE",
    });
    expect((await ours()).filter((name) => !before.includes(name))).toEqual([]);
  });

  it("ends when its signal aborts, before it began or after", async () => {
    const controller = new AbortController();
    const { url, directory, close } = await start({ signal: controller.signal });
    controller.abort();
    await close();
    await expect(fetch(url)).rejects.toThrow();
    expect(await isThere(directory as string)).toBe(false);
    await expect(serveRegistry({ address: "127.0.0.1:0", signal: controller.signal })).rejects.toThrow();
  });

  it("closes once, however often it is told to", async () => {
    const { close } = await start();
    expect(close()).toBe(close());
    await close();
  });

  it("ends an upload that is under way when it is closed", async () => {
    const server = await start({ closeTimeout: 20 });
    const client = await rawClient(server.url);
    client.socket.write("POST /v2/a/blobs/uploads/?digest=");
    client.socket.write(`${digestOf("x")} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf`);
    await vi.waitFor(async () =>
      expect(await readdir(join(server.directory as string, "uploads"))).toHaveLength(1),
    );
    await server.close();
    await client.over;
    expect(await isThere(server.directory as string)).toBe(false);
  });

  it("tells of each request when it is answered", async () => {
    const onRequest = vi.fn();
    const { url } = await start({ onRequest });
    await fetch(`${url}/v2/`);
    await fetch(`${url}/v2/a/manifests/absent?x=1`, { method: "HEAD" });
    expect(onRequest.mock.calls.map(([request]) => request)).toEqual([
      { method: "GET", path: "/v2/", status: 200, milliseconds: expect.any(Number) },
      { method: "HEAD", path: "/v2/a/manifests/absent?x=1", status: 404, milliseconds: expect.any(Number) },
    ]);
  });

  it("answers though the one who is told of requests fails", async () => {
    const failure = new Error("no ear");
    const onError = vi.fn();
    const { url } = await start({
      onError,
      onRequest: () => {
        throw failure;
      },
    });
    expect((await fetch(`${url}/v2/`)).status).toBe(200);
    expect(onError).toHaveBeenCalledExactlyOnceWith(failure);
  });

  it("tells of its own failures", async () => {
    const onError = vi.fn();
    const { url, directory } = await start({ onError });
    await rm(directory as string, { recursive: true });
    await expectError(await fetch(`${url}/v2/a/blobs/uploads/`, { method: "POST" }), 500, "UNKNOWN");
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "ENOENT" }));
  });
});
