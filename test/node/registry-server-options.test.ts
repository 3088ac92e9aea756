import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type RegistryServer, type RegistryServerOptions, serveRegistry } from "../../src/node/index.js";
import { type Fault, faults, RegistryOptionsError } from "../../src/registry/index.js";
import { digestOf, expectBody, noise } from "../registry/exchange.js";
import { rawClient } from "./raw-client.js";

const servers: RegistryServer[] = [];

async function start(options: RegistryServerOptions = {}): Promise<string> {
  const server = await serveRegistry({ address: "127.0.0.1:0", memory: 1e8, ...options });
  servers.push(server);
  return server.url;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  vi.unstubAllEnvs();
});

async function openUpload(url: string): Promise<string> {
  const response = await fetch(`${url}/v2/a/blobs/uploads/`, { method: "POST" });
  return new URL(response.headers.get("Location") as string, url).href;
}

const blob = noise(1_000_000);
const digest = digestOf(blob);
const whole = (url: string): string => `${url}/v2/a/blobs/uploads/?digest=${digest}`;

describe("the options of a registry that is served", () => {
  it("ask for credentials, and send for tokens to where it listens", async () => {
    const url = await start({ auth: { scheme: "bearer", users: { me: "secret" } }, warnings: ["a trial"] });
    const refused = await fetch(`${url}/v2/`);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("WWW-Authenticate")).toBe(
      `Bearer realm="${url}/token",service="${new URL(url).host}"`,
    );
    expect(refused.headers.get("Warning")).toBe('299 - "a trial"');
    const headers = { Authorization: `Basic ${btoa("me:secret")}` };
    const answer = await fetch(`${url}/token?scope=repository:a:pull,push`, { headers });
    const { token } = (await answer.json()) as { token: string };
    const pushed = await fetch(whole(url), {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body: blob as BodyInit,
    });
    expect(pushed.status).toBe(201);
  });

  it("let pages in, with what they ask before", async () => {
    const url = await start({ cors: ["https://page.example"] });
    const preflight = await fetch(`${url}/v2/`, {
      method: "OPTIONS",
      headers: { Origin: "https://page.example", "Access-Control-Request-Method": "PATCH" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("Access-Control-Allow-Origin")).toBe("https://page.example");
  });

  it("leave no temporary directory behind when they make no sense", async () => {
    const directory = await mkdtemp(join(tmpdir(), "varve-test-"));
    vi.stubEnv("TMPDIR", directory);
    const auth = { scheme: "basic", users: {} } as const;
    await expect(serveRegistry({ address: "127.0.0.1:0", auth })).rejects.toThrow(RegistryOptionsError);
    expect(await readdir(directory)).toEqual([]);
    await rm(directory, { recursive: true });
  });
});

describe("faults over real connections", () => {
  const onError = vi.fn();
  const startFaulty = (...list: Fault[]): Promise<string> => start({ faults: list, onError });
  const range = async (upload: string): Promise<string | null> => (await fetch(upload)).headers.get("Range");

  afterEach(() => {
    expect(onError).not.toHaveBeenCalled();
  });

  it("break the connection before the answer, and serve the next", async () => {
    const url = await startFaulty({ method: "GET", effect: faults.dropConnection() });
    await expect(fetch(`${url}/v2/`)).rejects.toThrow(TypeError);
    expect((await fetch(`${url}/v2/`)).status).toBe(200);
  });

  it("break it after so many bytes of the body, which the upload keeps", async () => {
    const url = await startFaulty({
      method: "PATCH",
      effect: faults.dropConnection({ afterBytes: 123_456 }),
    });
    const upload = await openUpload(url);
    await expect(fetch(upload, { method: "PATCH", body: blob as BodyInit })).rejects.toThrow(TypeError);
    expect(await range(upload)).toBe("0-123455");
    const rest = await fetch(upload, {
      method: "PATCH",
      headers: { "Content-Range": "123456-999999" },
      body: blob.slice(123_456) as BodyInit,
    });
    expect(rest.status).toBe(202);
    expect((await fetch(`${upload}?digest=${digest}`, { method: "PUT" })).status).toBe(201);
  });

  it("break it when the request is done", async () => {
    const url = await startFaulty({ method: "POST", path: /digest=/, effect: faults.loseAnswer() });
    await expect(fetch(whole(url), { method: "POST", body: blob as BodyInit })).rejects.toThrow(TypeError);
    await expectBody(await fetch(`${url}/v2/a/blobs/${digest}`), blob);
  });

  it("break it within an answer, so that the part cannot be taken for the whole", async () => {
    const url = await startFaulty({ method: "GET", path: /blobs/, effect: faults.cutAnswer(300_000) });
    await fetch(whole(url), { method: "POST", body: blob as BodyInit });
    const response = await fetch(`${url}/v2/a/blobs/${digest}`);
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    const rest = await fetch(`${url}/v2/a/blobs/${digest}`, { headers: { Range: "bytes=300000-" } });
    await expectBody(rest, blob.slice(300_000));
  });

  it("break it before any of a body has come, without a word", async () => {
    const url = await startFaulty({ method: "PATCH", effect: faults.dropConnection() });
    const path = new URL(await openUpload(url)).pathname;
    const client = await rawClient(url);
    client.socket.write(`PATCH ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n`);
    await client.over;
    expect(client.received()).toBe("");
  });

  it("refuse a body for its length, and a client that sends it reads why", async () => {
    const url = await startFaulty({ method: "PATCH", times: Infinity, effect: faults.cap(1000) });
    const upload = await openUpload(url);
    const refused = await fetch(upload, { method: "PATCH", body: noise(1001) as BodyInit });
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ errors: [{ code: "SIZE_INVALID" }] });
    expect((await fetch(upload, { method: "PATCH", body: noise(1000) as BodyInit })).status).toBe(202);
  });

  it("let a request wait for good, until its client leaves or the server is closed", async () => {
    const url = await start({ faults: [{ effect: faults.delay(Infinity), times: 2 }], closeTimeout: 10 });
    const left = fetch(`${url}/v2/`, { signal: AbortSignal.timeout(20) });
    await expect(left).rejects.toThrow();
    const cutOff = expect(fetch(`${url}/v2/`)).rejects.toThrow(TypeError);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await servers.at(-1)?.close();
    await cutOff;
  });
});

describe("a registry that cannot be closed as it should be", () => {
  it("says so to who hears its errors when a signal closes it, and leaves no rejection unhandled", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const disk = await mkdtemp(join(tmpdir(), "varve-test-"));
    try {
      const controller = new AbortController();
      const onError = vi.fn();
      const server = await serveRegistry({
        address: "127.0.0.1:0",
        disk,
        signal: controller.signal,
        onError,
      });
      await openUpload(server.url);
      await rm(join(disk, "uploads.lock"));
      await mkdir(join(disk, "uploads.lock"));
      controller.abort();
      await expect(server.close()).rejects.toMatchObject({ code: "EISDIR" });
      await new Promise((resolve) => setImmediate(resolve));
      expect(onError.mock.calls).toMatchObject([[{ code: "EISDIR" }]]);
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off("unhandledRejection", unhandled);
      await rm(disk, { recursive: true });
    }
  });
});
