import { rmSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { type RegistryServer, serveRegistry } from "../node/index.js";
import { parseByteSize } from "./byte-size.js";
import { InterruptedError, interruptible } from "./interruption.js";
import { printLine } from "./print-line.js";
import { describeError } from "./report-error.js";

interface ServeFlags {
  readonly address: string;
  readonly disk?: string;
  readonly memory?: number;
  readonly verbose?: true;
}

const HELP = `
Prints one line on stdout, the URL that it listens at, when it is ready. Everything else goes to stderr; with --verbose
that is a line for each request.

There is no authentication: who reaches the address can read, push and delete. Without --disk and --memory, what is
pushed is kept in a temporary directory that is removed at the end.

SIGTERM ends it with exit code 0, Ctrl-C (SIGINT) with 130; uploads that are under way get five seconds.

Examples:
  $ varve serve
  $ varve serve --address 127.0.0.1:0 --memory 512MiB
  $ varve serve --address 0.0.0.0:5000 --disk /var/lib/varve`;

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;

/** `varve serve`. */
export function serveCommand(): Command {
  return new Command("serve")
    .summary("run a small registry")
    .description("Runs a small registry, for trials, tests and a local network.")
    .option("-a, --address <HOST:PORT>", "where to listen; port 0 takes any free one", "127.0.0.1:5000")
    .option("-d, --disk <DIR>", "keep everything in a directory, over restarts")
    .option("--memory <LIMIT>", "keep everything in memory, at most so much: 512MiB, 2GB", parseLimit)
    .addHelpText("after", HELP)
    .action((_flags: ServeFlags, command: Command) => serve(command.optsWithGlobals<ServeFlags>()));
}

async function serve(flags: ServeFlags): Promise<void> {
  const { address, disk, memory, verbose = false } = flags;
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  try {
    await interruptible("the registry was stopped", async (signal) => {
      const registry = await serveRegistry({
        address,
        ...(disk === undefined ? {} : { disk }),
        ...(memory === undefined ? {} : { memory }),
        onError: (error) => note(describeError(error, verbose)),
        ...(verbose
          ? {
              onRequest: ({ method, path, status, milliseconds }) =>
                note(`${status} ${method} ${path.split("?", 1)[0]} ${milliseconds.toFixed(0)} ms`),
            }
          : {}),
      });
      const isTemporary = disk === undefined && memory === undefined;
      const removeDirectory = (): void => {
        if (isTemporary && registry.directory !== undefined) {
          rmSync(registry.directory, { recursive: true, force: true });
        }
      };
      process.once("exit", removeDirectory);
      try {
        await printLine(registry.url);
        note(describe(registry, flags, isTemporary));
        await abortOf(signal);
      } finally {
        await registry.close();
      }
      throw signal.reason;
    });
  } catch (error) {
    if (!(error instanceof InterruptedError && error.signal === "SIGTERM")) {
      throw error;
    }
  }
}

function describe(registry: RegistryServer, { disk, memory }: ServeFlags, isTemporary: boolean): string {
  const { host, port } = registry.address;
  const authority = registry.url.slice("http://".length);
  const place = isTemporary
    ? `${registry.directory}, until it ends`
    : (disk ?? `memory, at most ${memory} bytes`);
  const lines = [`varve: a registry in ${place}; push to ${authority}/NAME, end it with Ctrl-C`];
  if (!LOOPBACK.test(host)) {
    lines.push(
      `varve: there is no authentication: everyone who reaches port ${port} can read, push and delete`,
    );
  }
  return lines.join("\n");
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) {
      resolve();
    }
  });
}

function parseLimit(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === undefined) {
    throw new InvalidArgumentError("It must be a number of bytes, such as 512MiB, 2GB or 1000000.");
  }
  return bytes;
}
