import { once } from "node:events";
import { renameSync } from "node:fs";
import type { RequestListener } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { FetchOptionsError, newFetch } from "../../../src/node/index.js";
import { oneShot } from "../../../src/remote/transport/one-shot.js";
import { useScratch } from "../authn/scratch.js";
import { useCertificate, useServers } from "./servers.js";

const { start, startProxy } = useServers();
const certificate = useCertificate();
const env = {};

/** Says what it was asked, and how much it was sent. */
const echo: RequestListener = (request, response) => {
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ method: request.method, url: request.url, bytes, headers: request.headers }),
    );
  });
};

function zeros(pieces: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      if (pieces-- === 0) controller.close();
      else controller.enqueue(new Uint8Array(65_536));
    },
  });
}

const streamed = (pieces: number) =>
  ({ method: "PATCH", body: zeros(pieces), duplex: "half", ...oneShot() }) as RequestInit;

async function reasonOf(work: Promise<unknown>): Promise<{ code?: string; message: string }> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  return ((error as Error).cause ?? error) as { code?: string; message: string };
}

describe("newFetch", () => {
  it("does what fetch does: methods, headers, bodies of every kind, and answers", async () => {
    const { url } = await start(echo);
    const fetch = newFetch({ env });
    const answer = await fetch(`${url}/v2/?a=b`, {
      method: "PUT",
      body: new Uint8Array(10),
      headers: { "x-y": "z" },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.json()).toMatchObject({
      method: "PUT",
      url: "/v2/?a=b",
      bytes: 10,
      headers: { "x-y": "z" },
    });
    const posted = await fetch(new URL(url), { method: "POST", body: new Blob(["four"]) });
    expect(await posted.json()).toMatchObject({ bytes: 4 });
    const sent = await fetch(url, streamed(10));
    expect(await sent.json()).toMatchObject({ bytes: 655_360, headers: { "transfer-encoding": "chunked" } });
  });

  it("takes a Request of this runtime", async () => {
    const { url } = await start(echo);
    const request = new Request(`${url}/x`, { method: "POST", body: "four", headers: { "x-y": "z" } });
    const answer = await newFetch({ env })(request, { headers: { "x-y": "other" } });
    expect(await answer.json()).toMatchObject({
      method: "POST",
      url: "/x",
      bytes: 4,
      headers: { "x-y": "other" },
    });
  });

  it("shows redirects to a caller who asks for them", async () => {
    const { url } = await start((_, response) => response.writeHead(307, { location: "/elsewhere" }).end());
    const answer = await newFetch({ env })(url, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([307, "/elsewhere"]);
  });

  it("gives up when the signal is aborted, before and after the answer has begun", async () => {
    const { url } = await start((request, response) => {
      if (request.url === "/begun") response.writeHead(200).write("the beginning");
    });
    const fetch = newFetch({ env });
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error("enough");
    const waiting = fetch(`${url}/silent`, { signal });
    const begun = await fetch(`${url}/begun`, { signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(begun.text()).rejects.toBe(reason);
    await expect(fetch(url, { signal })).rejects.toBe(reason);
  });

  it("uses its connections again", async () => {
    const server = await start(echo);
    const fetch = newFetch({ env });
    for (let i = 0; i < 6; i++) await (await fetch(server.url)).text();
    // undici opens a second one while it puts the first aside.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });
});

describe("newFetch, over TLS", () => {
  const scratch = useScratch();
  const unknown = /SELF_SIGNED|UNABLE_TO_VERIFY/;

  it("refuses a certificate that it does not know", async () => {
    const { url } = await start(echo, certificate());
    expect((await reasonOf(newFetch({ env })(url))).code).toMatch(unknown);
  });

  it.each(["ca", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"])("accepts one that %s makes known", async (how) => {
    const { url } = await start(echo, certificate());
    const { file, cert } = certificate();
    const fetch = how === "ca" ? newFetch({ env, ca: cert }) : newFetch({ env: { [how]: file } });
    expect((await fetch(url, streamed(2))).status).toBe(200);
  });

  it("refuses a known certificate that is for another name", async () => {
    const { url } = await start(echo, certificate());
    const other = url.replace("127.0.0.1", "127.0.0.2");
    const server = await start(echo, certificate());
    expect(server.url).toContain("127.0.0.1");
    const reason = await reasonOf(newFetch({ env, ca: certificate().cert })(other));
    // Linux has all of 127.0.0.0/8; where it is not so, nobody listens there.
    expect(reason.code).toMatch(/ALTNAME_INVALID|ECONNREFUSED|EADDRNOTAVAIL/);
  });

  it("accepts any certificate if it is told to, and reads no files then", async () => {
    const { url } = await start(echo, certificate());
    const fetch = newFetch({ env: { SSL_CERT_FILE: "/missing.pem" }, insecure: true });
    expect((await fetch(url)).status).toBe(200);
  });

  it("rejects with what is wrong with a certificate file, and reads it anew the next time", async () => {
    const { url } = await start(echo, certificate());
    const later = scratch.write("later.pem.new", certificate().cert);
    const fetch = newFetch({ env: { SSL_CERT_FILE: scratch.file("later.pem") } });
    await expect(fetch(url)).rejects.toThrow(FetchOptionsError);
    renameSync(later, scratch.file("later.pem"));
    expect((await fetch(url)).status).toBe(200);
  });
});

describe("newFetch, through a proxy", () => {
  it("makes a tunnel for https, and checks the certificate at its end", async () => {
    const server = await start(echo, certificate());
    const proxy = await startProxy();
    const url = `https://registry.test:${server.port}/v2/`;
    const environment = { HTTPS_PROXY: proxy.url };
    const fetch = newFetch({ env: environment, ca: certificate().cert });
    expect(await (await fetch(url, streamed(3))).json()).toMatchObject({ url: "/v2/", bytes: 196_608 });
    expect(proxy.requests).toEqual([`CONNECT registry.test:${server.port}`]);
    expect((await reasonOf(newFetch({ env: environment })(url))).code).toMatch(
      /SELF_SIGNED|UNABLE_TO_VERIFY/,
    );
    expect((await newFetch({ env: environment, insecure: true })(url)).status).toBe(200);
  });

  it("puts an IPv6 address in brackets when it asks for a tunnel", async () => {
    const proxy = await startProxy();
    await reasonOf(newFetch({ env: { https_proxy: proxy.url } })("https://[2001:db8::1]:5999/"));
    expect(proxy.requests).toEqual(["CONNECT [2001:db8::1]:5999"]);
  });

  it("asks for the whole URL for http, with the host and no tunnel", async () => {
    const bodies: string[] = [];
    const server = await start((request, response) => {
      request.on("data", (chunk: Buffer) => bodies.push(String(chunk)));
      request.on("end", () => response.end("from the server"));
    });
    const proxy = await startProxy();
    const url = `http://registry.test:${server.port}/v2/`;
    const answer = await newFetch({ env: { http_proxy: proxy.url } })(url, { method: "POST" });
    expect(await answer.text()).toBe("from the server");
    expect(proxy.requests).toEqual([`POST ${url}`]);
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      { seen: "POST /v2/", host: `registry.test:${server.port}` },
    ]);
  });

  it("shows the proxy its user name and password, and the server nothing of them", async () => {
    const authorization = `Basic ${Buffer.from("user:p@ss").toString("base64")}`;
    const proxy = await startProxy({ authorization });
    const plain = await start(echo);
    const secure = await start(echo, certificate());
    const named = proxy.url.replace("http://", "http://user:p%40ss@");
    const fetch = newFetch({ env: { http_proxy: named, https_proxy: named }, ca: certificate().cert });
    expect((await fetch(`http://registry.test:${plain.port}/`)).status).toBe(200);
    const answer = await fetch(`https://registry.test:${secure.port}/`);
    expect(JSON.stringify(await answer.json())).not.toContain("proxy-authorization");
  });

  it("tells of a proxy that wants other credentials", async () => {
    const { url } = await startProxy({ authorization: "something else" });
    const named = url.replace("http://", "http://user:s3cret@");
    const fetch = newFetch({ env: { http_proxy: named, https_proxy: named } });
    for (const scheme of ["http", "https"]) {
      const { message } = await reasonOf(fetch(`${scheme}://registry.test:5999/`));
      expect(message).toMatch(new RegExp(`^the proxy ${url} wants a user name and a password.*407`));
    }
  });

  it.each([
    ["refuses a tunnel", "HTTP/1.1 403 Forbidden\r\n\r\n", /^the proxy .*(status 403).*NO_PROXY/],
    ["closes the connection", "", /hang up|ECONNRESET/],
    ["talks nonsense", "220 mail.example ESMTP\r\n", /Parse Error/],
  ])("tells of a proxy that %s, and does not ask again", async (_what, words, expected) => {
    let asked = 0;
    const proxy = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => {
        asked++;
        socket.end(words);
      });
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const { port } = proxy.address() as AddressInfo;
    const fetch = newFetch({ env: { https_proxy: `http://127.0.0.1:${port}` } });
    const { message } = await reasonOf(fetch("https://registry.test:5999/"));
    proxy.close();
    expect(message).toMatch(expected);
    expect(asked).toBe(1);
  });

  it("gives up on a proxy that makes no tunnel in time", async () => {
    const sockets: Socket[] = [];
    const proxy = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const { port } = proxy.address() as AddressInfo;
    const fetch = newFetch({ env: { https_proxy: `http://127.0.0.1:${port}` }, connectTimeout: 200 });
    expect((await reasonOf(fetch("https://registry.test:5999/"))).code).toBe("UND_ERR_CONNECT_TIMEOUT");
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });

  it("speaks TLS to a proxy that wants it", async () => {
    const proxy = await startProxy({ certificate: certificate() });
    const secure = await start(echo, certificate());
    const plain = await start(echo);
    const fetch = newFetch({
      env: { https_proxy: proxy.url, http_proxy: proxy.url },
      ca: certificate().cert,
    });
    expect((await fetch(`https://registry.test:${secure.port}/`)).status).toBe(200);
    expect((await fetch(`http://registry.test:${plain.port}/`)).status).toBe(200);
    expect(proxy.requests.length).toBe(2);
  });

  it("goes past it for this machine, and for what NO_PROXY names", async () => {
    const server = await start(echo);
    const proxy = await startProxy();
    const environment = { http_proxy: proxy.url, no_proxy: "*.invalid" };
    expect((await newFetch({ env: environment })(server.url)).status).toBe(200);
    expect((await reasonOf(newFetch({ env: environment })("http://x.invalid/"))).code).toMatch(
      /ENOTFOUND|EAI_AGAIN/,
    );
    expect(proxy.requests).toEqual([]);
  });

  it("rejects with what is wrong with a variable", async () => {
    const fetch = newFetch({ env: { https_proxy: "socks5://u:s3cret@proxy.example" } });
    await expect(fetch("https://registry.example/")).rejects.toThrow(FetchOptionsError);
  });
});

describe("newFetch, in time", () => {
  it("gives up on an answer whose head does not come, or whose body does not go on", async () => {
    const { url } = await start((request, response) => {
      if (request.url === "/begun") response.writeHead(200).write("the beginning");
    });
    const fetch = newFetch({ env, headersTimeout: 200, bodyTimeout: 200 });
    expect((await reasonOf(fetch(`${url}/silent`))).code).toBe("UND_ERR_HEADERS_TIMEOUT");
    const begun = await fetch(`${url}/begun`);
    expect((await reasonOf(begun.text())).code).toBe("UND_ERR_BODY_TIMEOUT");
  });

  it("gives up on an answer through a proxy, too", async () => {
    const server = await start(() => undefined, certificate());
    const plain = await start(() => undefined);
    const proxy = await startProxy();
    const environment = { http_proxy: proxy.url, https_proxy: proxy.url };
    const fetch = newFetch({ env: environment, insecure: true, headersTimeout: 300 });
    const silent = [`https://registry.test:${server.port}/`, `http://registry.test:${plain.port}/`];
    const reasons = await Promise.all(silent.map((url) => reasonOf(fetch(url))));
    expect(reasons.map(({ code }) => code)).toEqual(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT"]);
  });

  it("does not count the time that a body takes while it flows", async () => {
    const { url } = await start(echo);
    let pieces = 8;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        if (pieces-- === 0) controller.close();
        else controller.enqueue(new Uint8Array(100_000));
      },
    });
    const init = { method: "PATCH", body, duplex: "half", ...oneShot() } as RequestInit;
    const answer = await newFetch({ env, headersTimeout: 300 })(url, init);
    expect(await answer.json()).toMatchObject({ bytes: 800_000 });
  });

  it("gives up on a connection that does not open", async () => {
    const sockets: Socket[] = [];
    // It accepts, and never speaks TLS.
    const mute = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const { port } = mute.address() as AddressInfo;
    const reason = await reasonOf(newFetch({ env, connectTimeout: 200 })(`https://127.0.0.1:${port}/`));
    expect(reason.code).toBe("UND_ERR_CONNECT_TIMEOUT");
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
});
