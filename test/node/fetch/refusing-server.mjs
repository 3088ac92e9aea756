/**
 * A registry in a process of its own that answers an upload as soon as it begins, reads on no further, and closes, so that the system resets
 * the connection: `node refusing-server.mjs [CERTIFICATE KEY]`. Prints its port.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createServer as createSecureServer } from "node:tls";

const [certificate, key] = process.argv.slice(2);
const ANSWER = '{"errors":[{"code":"DENIED","message":"over quota"}]}';

/** @type {Record<string, string>} */
const HEADS = {
  GET: "200 OK",
  POST: "202 Accepted\r\nlocation: /v2/app/blobs/uploads/1",
  DELETE: "204 No Content",
};

/** @param {import("node:net").Socket} socket */
function answer(socket) {
  socket.on("error", () => undefined);
  socket.once("readable", () => {
    const [method = ""] = String(socket.read(6)).split(" ");
    const head = HEADS[method];
    if (head === undefined) {
      const text = `HTTP/1.1 403 Forbidden\r\ncontent-length: ${ANSWER.length}\r\n\r\n${ANSWER}`;
      socket.write(text, () => socket.destroy());
    } else {
      socket.end(`HTTP/1.1 ${head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      socket.resume();
    }
  });
}

const server =
  certificate === undefined || key === undefined
    ? createServer(answer)
    : createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) }, answer);
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${/** @type {import("node:net").AddressInfo} */ (server.address()).port}\n`);
});
