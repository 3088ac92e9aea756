import type { Socket } from "node:net";
import { errorCode } from "../durable-file.js";

/** How long the other side's last words are waited for after a write has failed. With a reset they are here already. */
const PATIENCE_MILLISECONDS = 5000;

/**
 * Lets a connection whose writing side has failed be read to its end.
 *
 * A server that refuses an upload in the middle answers and closes, and as it has not read everything, the system resets the connection. The
 * answer has arrived by then; but if the client writes before it reads, the write fails (EPIPE, ECONNRESET), and Node destroys the socket with
 * the answer unread. So such a failure is kept back: the socket takes no more, and reading goes on to the end, to an error of its own, or
 * for five seconds. In a trial with a client that is busy compressing, all answers were lost without this, and none with it.
 */
export function readingOn<T extends Socket>(socket: T): T {
  const { _write, _writev } = socket;
  let failed = false;
  const guarded =
    (callback: WriteCallback): WriteCallback =>
    (error) => {
      if (!isReset(error) || socket.destroyed) {
        callback(error);
        return;
      }
      failed = true;
      const patience = setTimeout(() => socket.destroy(error ?? undefined), PATIENCE_MILLISECONDS).unref();
      socket.once("close", () => clearTimeout(patience));
    };
  socket._write = (chunk, encoding, callback) => {
    if (!failed) {
      _write.call(socket, chunk, encoding, guarded(callback));
    }
  };
  if (_writev !== undefined && _writev !== null) {
    socket._writev = (chunks, callback) => {
      if (!failed) {
        _writev.call(socket, chunks, guarded(callback));
      }
    };
  }
  return socket;
}

type WriteCallback = (error?: Error | null) => void;

function isReset(error: Error | null | undefined): boolean {
  const code = errorCode(error);
  return code === "EPIPE" || code === "ECONNRESET";
}
