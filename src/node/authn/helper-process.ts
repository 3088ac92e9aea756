import { type ChildProcess, spawn } from "node:child_process";
import { LONGEST_TIMER } from "../../bytes/index.js";
import type { CredentialEnvironment } from "./config-paths.js";

/** How a program is run. */
export interface ProcessOptions {
  readonly env: CredentialEnvironment;
  readonly signal: AbortSignal | undefined;
  /** How long it may take, in milliseconds. */
  readonly timeout: number;
}

/** How a program ended, and what it said. */
export interface ProcessEnding {
  /** Its exit code; null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program was ended because it took too long, or said too much. */
export class ProcessLimitError extends Error {
  override readonly name = "ProcessLimitError";
}

/** The most bytes that a program may write to each of stdout and stderr. */
const MOST_OUTPUT = 64 * 1024;

/** How long the output may stay open after the program has ended: something that it started may hold it open for ever. */
const LINGER_MILLISECONDS = 250;

/**
 * Runs a program, without a shell, with some text on stdin, and waits for its end. It is killed when the signal is aborted, when its time is
 * over, and when it writes more than 64 KiB.
 *
 * @throws {ProcessLimitError} if it took too long, or said too much
 * @throws the signal's reason when that is aborted
 * @throws the system's error if it cannot be started
 */
export function runProcess(
  program: string,
  parameters: readonly string[],
  input: string,
  { env, signal, timeout }: ProcessOptions,
): Promise<ProcessEnding> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(program, parameters, { env, shell: false, windowsHide: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let linger: NodeJS.Timeout | undefined;

    const settle = (conclude: () => void): void => {
      clearTimeout(patience);
      clearTimeout(linger);
      signal?.removeEventListener("abort", abort);
      conclude();
      release(child);
    };
    const stop = (reason: unknown): void => settle(() => reject(reason));
    const abort = (): void => stop(signal?.reason);
    const finish = (): void =>
      settle(() => resolve({ code: child.exitCode, stdout: text(stdout), stderr: text(stderr) }));
    const collect = (pieces: Buffer[]) => {
      let size = 0;
      return (piece: Buffer): void => {
        size += piece.length;
        pieces.push(piece);
        if (size > MOST_OUTPUT) {
          stop(new ProcessLimitError(`it wrote more than ${MOST_OUTPUT} bytes`));
        }
      };
    };

    const patience = setTimeout(
      () => stop(new ProcessLimitError(`it did not end within ${timeout / 1000} seconds`)),
      Math.min(timeout, LONGEST_TIMER),
    );
    signal?.addEventListener("abort", abort, { once: true });
    child.once("error", stop);
    child.once("close", finish);
    child.once("exit", () => {
      linger = setTimeout(finish, LINGER_MILLISECONDS);
    });
    child.stdout.on("data", collect(stdout)).on("error", stop);
    child.stderr.on("data", collect(stderr)).on("error", stop);
    // It may end without reading what it is told.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

function text(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces).toString("utf8");
}

/** Ends a program that may still run, and lets go of it. */
function release(child: ChildProcess): void {
  child.kill("SIGKILL");
  for (const stream of child.stdio) {
    stream?.destroy();
  }
}
