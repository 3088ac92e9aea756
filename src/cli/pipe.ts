import { constants } from "node:fs";
import { Socket } from "node:net";

/**
 * Whether this runtime can wait for a named pipe without a thread. Node can. A read or write of a pipe by `node:fs` occupies a
 * thread until the other side moves, and no Node process ends before its threads are free, not even by `process.exit`: Ctrl-C would
 * seem to be ignored. Bun and Deno don't take a file descriptor for a socket.
 */
const POLLS_PIPES = !("bun" in process.versions) && !("deno" in process.versions);

/** The flag to open a file with that may turn out to be a pipe; it makes no difference to other files. */
export const PIPE_FLAG: number = POLLS_PIPES ? (constants.O_NONBLOCK ?? 0) : 0;

/** A stream over a pipe that was opened with {@link PIPE_FLAG} and now belongs to the stream; undefined if the runtime has none. */
export function pipeStream(fd: number, direction: "readable" | "writable"): Socket | undefined {
  if (!POLLS_PIPES) {
    return undefined;
  }
  return new Socket({ fd, readable: direction === "readable", writable: direction === "writable" });
}
