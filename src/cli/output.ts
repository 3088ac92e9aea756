import { constants, fstatSync, type Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { isatty } from "node:tty";
import { Descriptor } from "./descriptor.js";
import { DirectOutput } from "./direct-output.js";
import { OutputError } from "./output-error.js";
import { PIPE_FLAG, pipeStream } from "./pipe.js";
import { ReplacedFile } from "./replaced-file.js";
import { StreamOutput } from "./stream-output.js";
import { systemCode } from "./system-error.js";
import { UsageError } from "./usage-error.js";

const STDOUT = 1;

/** How often a named pipe is tried that nobody reads yet, in milliseconds. */
const PIPE_RETRY = 100;

/** Where a layer is written to. Exactly one of {@link commit} and {@link discard} ends it. */
export interface Output {
  /**
   * Writes on. The bytes must stay as they are until it has settled.
   *
   * @throws {OutputError} if the system refuses
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Ends it, complete.
   *
   * @throws {OutputError} if the system refuses
   */
  commit(): Promise<void>;
  /** Ends it, incomplete: what can be taken back is. It does not fail. */
  discard(): Promise<void>;
}

/**
 * Opens the output of a command. A file appears under its name only when it is committed; devices and pipes are written
 * to directly, and a named pipe is waited for until somebody reads it.
 *
 * @param path of a file, which may be there, or `-` for stdout
 * @param signal ends the waiting for a pipe's reader
 * @throws {OutputError} if it cannot be opened, or is a directory
 * @throws {UsageError} if it is a terminal
 */
export async function openOutput(path: string, signal: AbortSignal): Promise<Output> {
  if (path === "-") {
    return openStdout();
  }
  try {
    const present = await statIfPresent(path);
    if (present === undefined || present.isFile()) {
      return await ReplacedFile.create(path, present?.mode);
    }
    return present.isFIFO() ? await openPipe(path, signal) : await openDirectly(path);
  } catch (error) {
    throw systemCode(error) === undefined ? error : new OutputError(path, error);
  }
}

function openStdout(): Output {
  if (isatty(STDOUT)) {
    throw terminal("stdout is a terminal");
  }
  const stats = fstatSync(STDOUT);
  return stats.isFIFO() || stats.isSocket()
    ? new StreamOutput("stdout", process.stdout)
    : new DirectOutput("stdout", Descriptor.inherited(STDOUT));
}

async function openDirectly(path: string): Promise<Output> {
  const file = await Descriptor.open(path, constants.O_WRONLY);
  if (isatty(file.fd)) {
    await file.close();
    throw terminal(`${path} is a terminal`);
  }
  return new DirectOutput(path, file);
}

async function openPipe(path: string, signal: AbortSignal): Promise<Output> {
  for (;;) {
    try {
      const file = await Descriptor.open(path, constants.O_WRONLY | PIPE_FLAG);
      const pipe = pipeStream(file.fd, "writable");
      return pipe === undefined ? new DirectOutput(path, file) : new StreamOutput(path, pipe);
    } catch (error) {
      if (systemCode(error) !== "ENXIO") {
        throw error;
      }
      await setTimeout(PIPE_RETRY, undefined, { signal });
    }
  }
}

async function statIfPresent(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

function terminal(problem: string): UsageError {
  return new UsageError(
    `${problem}, which would not show a layer well; name a file, or pipe it on: -o layer.tar.gz`,
  );
}
