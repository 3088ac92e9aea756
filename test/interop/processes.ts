import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs a program to its end and returns what it printed. Rejects, with its stderr in the message, when it fails. */
export async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, args, { timeout: 60_000, maxBuffer: 16 << 20 });
  return stdout;
}

/** How a program ended that was started, and what it printed. */
export async function end(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (data) => {
    stdout += data;
  });
  child.stderr?.on("data", (data) => {
    stderr += data;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** A loopback port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A server process of a test. */
export class Daemon {
  readonly #child: ChildProcess;
  #log = "";

  /** @param input what it reads on stdin */
  constructor(program: string, args: readonly string[], input = "") {
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stdin?.end(input);
    this.#child.stdout?.on("data", (data) => {
      this.#log += data;
    });
    this.#child.stderr?.on("data", (data) => {
      this.#log += data;
    });
  }

  /** Resolves when `GET url` is answered, if only with a question for credentials; rejects when the process ends first. */
  async answers(url: string): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null)
        throw new Error(`the server ended before it answered:\n${this.#log}`);
      const answer = await fetch(url).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok || answer?.status === 401) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The most memory that the process had resident so far, in MiB (Linux's VmHWM). */
  async peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }

  /** Ends the process and waits for it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exit;
  }
}
