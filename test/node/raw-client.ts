import { connect, type Socket } from "node:net";

/** A TCP connection that sends what it is told to, however wrong, and collects what comes back. */
export interface RawClient {
  readonly socket: Socket;
  /** Everything that has come back so far, as Latin-1. */
  readonly received: () => string;
  /** Resolves when the text has come back. Rejects if the connection ends without it. */
  readonly until: (text: string) => Promise<void>;
  /** Resolves when the connection is over, however it ended. */
  readonly over: Promise<void>;
}

export async function rawClient(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/[[\]]/g, ""));
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let received = "";
  let ended = false;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const check of waiting) check();
  };
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    received += text;
    wake();
  });
  socket.on("error", () => {});
  const over = new Promise<void>((resolve) => {
    socket.once("close", () => {
      ended = true;
      wake();
      resolve();
    });
  });
  return {
    socket,
    received: () => received,
    over,
    until: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (received.includes(text)) resolve();
          else if (ended) reject(new Error(`the connection ended without ${text}: ${received}`));
          else return;
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      }),
  };
}
