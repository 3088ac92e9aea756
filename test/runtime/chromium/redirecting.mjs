/** A registry that redirects reads of blobs to a store of another origin, over real sockets, and what both of them were shown. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

/** What a page may do at either: whatever it asks for. */
const ANYBODY = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "*, www-authenticate",
};

/** Starts both. The blob of repository `app` is the bytes; whoever asks for `/shown` is told what was shown up to then. @param {Buffer} bytes */
export async function serveRedirecting(bytes) {
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const store = await serve((request, response) => {
    response.writeHead(request.url === `/${digest}?signature=s` ? 200 : 404, {
      ...ANYBODY,
      "content-length": bytes.length,
    });
    response.end(bytes);
  });
  const registry = await serve((request, response) => {
    if (request.url === "/v2/") {
      response.writeHead(200, ANYBODY).end("{}");
    } else {
      const location = `http://${store.host}/${digest}?signature=s`;
      response
        .writeHead(request.url === `/v2/app/blobs/${digest}` ? 307 : 404, { ...ANYBODY, location })
        .end();
    }
  });
  return {
    digest,
    registry: registry.host,
    store: store.host,
    stop() {
      registry.stop();
      store.stop();
    },
  };
}

/** @param {import("node:http").RequestListener} answer */
async function serve(answer) {
  /** @type {{ method: string | undefined, authorization: string | null }[]} */
  const shown = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    if (method === "OPTIONS") {
      const allowed = {
        "access-control-allow-headers": headers["access-control-request-headers"] ?? "",
        "access-control-allow-methods": "GET, HEAD",
      };
      response.writeHead(204, { ...ANYBODY, ...allowed }).end();
    } else if (url === "/shown") {
      response.writeHead(200, { ...ANYBODY, "content-type": "application/json" }).end(JSON.stringify(shown));
    } else {
      shown.push({ method, authorization: headers.authorization ?? null });
      answer(request, response);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    host: `127.0.0.1:${port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
