import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";

/** A certificate that nobody knows, for 127.0.0.1, registry.test and auth.test, and its key. */
export interface Certificate {
  /** The file of the certificate, in PEM. */
  readonly file: string;
  readonly cert: string;
  readonly key: string;
}

/** Has openssl make a certificate, which signs itself, for the tests of a file. */
export function useCertificate(): () => Certificate {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "varve-certificate-"));
    const names = "subjectAltName=IP:127.0.0.1,DNS:registry.test,DNS:auth.test,DNS:localhost";
    const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=varve -addext ${names}`;
    execFileSync("openssl", words.split(" "), { cwd: directory, stdio: "pipe" });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return () => {
    const file = join(directory, "cert.pem");
    return { file, cert: readFileSync(file, "utf8"), key: readFileSync(join(directory, "key.pem"), "utf8") };
  };
}

/** A server that is stopped when the test has ended. */
export interface Started {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Connections so far. */
  readonly connections: () => number;
}

/** A proxy, and what it was asked for. */
export interface StartedProxy extends Started {
  /** `CONNECT host:port` of tunnels, `METHOD URL` of other requests. */
  readonly requests: readonly string[];
}

/** Starts servers and proxies on ports of their own. */
export interface Servers {
  readonly start: (listener: RequestListener, certificate?: Certificate) => Promise<Started>;
  /** A proxy that makes tunnels and passes requests on; names in `.test` are 127.0.0.1 to it. */
  readonly startProxy: (options?: {
    authorization?: string;
    certificate?: Certificate;
  }) => Promise<StartedProxy>;
}

export function useServers(): Servers {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await Promise.all(
      servers.splice(0).map(async (server) => {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      }),
    );
  });

  async function listen(server: Server, scheme: string): Promise<Started> {
    let connections = 0;
    server.on("connection", (socket: Socket) => {
      connections++;
      sockets.add(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    return { url: `${scheme}://127.0.0.1:${port}`, port, connections: () => connections };
  }

  return {
    start: (listener, certificate) =>
      certificate === undefined
        ? listen(createServer(listener), "http")
        : listen(createSecureServer(certificate, listener), "https"),

    async startProxy({ authorization, certificate } = {}) {
      const requests: string[] = [];
      const relay: RequestListener = (request, response) => {
        requests.push(`${request.method} ${request.url}`);
        if (authorization !== undefined && request.headers["proxy-authorization"] !== authorization) {
          response.writeHead(407).end();
          return;
        }
        const { port, pathname } = new URL(request.url ?? "");
        const { "proxy-authorization": _, ...headers } = request.headers;
        const target = `http://127.0.0.1:${port}${pathname}`;
        const passed = { seen: `${request.method} ${pathname}`, host: headers.host };
        fetch(target, { method: "POST", body: JSON.stringify(passed) })
          .then(async (answer) => response.end(await answer.text()))
          .catch(() => response.writeHead(502).end());
      };
      const server = certificate === undefined ? createServer(relay) : createSecureServer(certificate, relay);
      server.on("connect", (request, client: Socket) => {
        requests.push(`CONNECT ${request.url}`);
        client.on("error", () => undefined);
        sockets.add(client);
        if (authorization !== undefined && request.headers["proxy-authorization"] !== authorization) {
          client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
          return;
        }
        const upstream = connect(Number(request.url?.split(":").at(-1)), "127.0.0.1");
        sockets.add(upstream);
        upstream.on("error", () => client.destroy());
        upstream.once("connect", () => {
          client.write("HTTP/1.1 200 Connection established\r\n\r\n");
          upstream.pipe(client).pipe(upstream);
        });
      });
      return { ...(await listen(server, certificate === undefined ? "http" : "https")), requests };
    },
  };
}
