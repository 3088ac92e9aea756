/** Serves a page for each of some scripts, under a strict policy, and takes what the pages hand in. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/**
 * @param {string} project where the scripts are, as `NAME.js`
 * @param {string} worker the file that each page finds as `worker.js`
 * @param {Readonly<Record<string, string>>} policies for each page, by its script's name, what `script-src` allows besides the script, and
 *   directives that may follow
 * @param {Readonly<Record<string, string>>} connections for some pages, what `connect-src` allows besides their own server
 */
export async function servePages(project, worker, policies, connections) {
  const pages = new Map(
    Object.entries(policies).map(([name, allowed]) => [
      name,
      newPage(name, allowed, connections[name] ?? ""),
    ]),
  );
  const server = createServer(async (request, response) => {
    const [, name = "", file] = (request.url ?? "").split("/");
    const page = pages.get(name);
    if (page !== undefined && request.method === "POST") {
      page.handIn(await text(request));
      response.writeHead(204).end();
    } else if (page !== undefined && file === "") {
      response.writeHead(200, page.headers).end(page.html);
    } else if (page !== undefined && (file === "script.js" || file === "worker.js")) {
      const script = await readFile(file === "worker.js" ? worker : join(project, `${name}.js`));
      response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    } else if (page !== undefined && file === "zstd.wasm") {
      const module = await readFile(join(project, "node_modules/@bokuweb/zstd-wasm/dist/web/zstd.wasm"));
      response.writeHead(200, { "content-type": "application/wasm" }).end(module);
    } else {
      response.writeHead(name === "favicon.ico" ? 204 : 404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    /** @param {string} name */
    address: (name) => `http://127.0.0.1:${port}/${name}/`,
    /** What the page will hand in. @param {string} name */
    report: (name) => pages.get(name)?.report ?? Promise.reject(new Error(`there is no page ${name}`)),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * @param {string} name
 * @param {string} allowed
 * @param {string} connections
 */
function newPage(name, allowed, connections) {
  /** @type {(report: string) => void} */
  let handIn = () => {};
  /** @type {Promise<string>} */
  const report = new Promise((resolve) => {
    handIn = resolve;
  });
  const policy = `default-src 'none'; connect-src 'self' ${connections}; script-src 'self' ${allowed}`;
  return {
    handIn,
    report,
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
    html: `<!doctype html><title>${name}</title><script type="module" src="script.js"></script>`,
  };
}
