import { constants, fstatSync, type Stats } from "node:fs";
import { isatty } from "node:tty";
import type { Bytes, NodeReadable } from "../stream/index.js";
import { standsForClosed } from "./closed-stdin.js";
import { Descriptor } from "./descriptor.js";
import { fileChunks } from "./file-chunks.js";
import { InputError } from "./input-error.js";
import { PIPE_FLAG, pipeStream } from "./pipe.js";
import { UsageError } from "./usage-error.js";

const STDIN = 0;

/** What a layer is made of. */
export interface Input {
  readonly source: AsyncIterable<Bytes> | NodeReadable;
  /** How many bytes it will probably give; undefined for what cannot tell. */
  readonly expectedSize: number | undefined;
  /** The failure of reading it, if that is what the error is; else the error itself. */
  readonly explain: (error: unknown) => unknown;
  /** Lets go of it, read or not. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the input of a command.
 *
 * @param path of a file, or `-` for stdin
 * @throws {InputError} if it cannot be opened, is a directory, or is a stdin that is closed
 * @throws {UsageError} if it is a terminal
 */
export async function openInput(path: string): Promise<Input> {
  return path === "-" ? openStdin() : openFile(path);
}

function openStdin(): Input {
  if (isatty(STDIN)) {
    throw terminal("stdin is a terminal");
  }
  const stats = fstatSync(STDIN);
  if (stats.isDirectory()) {
    throw InputError.directory("stdin");
  }
  if (standsForClosed(STDIN, stats)) {
    throw InputError.closed("stdin");
  }
  // Node's own stdin would read a file in chunks of 64 KiB.
  return stats.isFIFO() || stats.isSocket()
    ? streamInput("stdin", process.stdin)
    : fileInput("stdin", Descriptor.inherited(STDIN), stats);
}

async function openFile(path: string): Promise<Input> {
  let file: Descriptor;
  try {
    file = await Descriptor.open(path, constants.O_RDONLY | PIPE_FLAG);
  } catch (error) {
    throw InputError.fromSystem(path, error);
  }
  if (isatty(file.fd)) {
    await file.close();
    throw terminal(`${path} is a terminal`);
  }
  const stats = await file.stat();
  if (stats.isDirectory()) {
    await file.close();
    throw InputError.directory(path);
  }
  const pipe = stats.isFIFO() ? pipeStream(file.fd, "readable") : undefined;
  return pipe === undefined ? fileInput(path, file, stats) : streamInput(path, pipe);
}

function fileInput(name: string, file: Descriptor, stats: Stats): Input {
  let failure: InputError | undefined;
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* fileChunks(file);
    } catch (error) {
      failure = InputError.fromSystem(name, error);
      throw failure;
    }
  }
  return {
    source: chunks(),
    expectedSize: stats.isFile() && stats.size > 0 ? stats.size : undefined,
    explain: (error) => failure ?? error,
    close: () => file.close(),
  };
}

function streamInput(name: string, stream: NodeJS.ReadableStream & NodeReadable): Input {
  return {
    source: stream,
    expectedSize: undefined,
    explain: (error) => {
      const { errored } = stream as { readonly errored?: unknown };
      return errored instanceof Error ? InputError.fromSystem(name, errored) : error;
    },
    close: async () => {
      stream.destroy?.();
    },
  };
}

function terminal(problem: string): UsageError {
  return new UsageError(
    `${problem}; pipe a tar into the command, or name a FILE: tar -c -C DIRECTORY . | varve ...`,
  );
}
