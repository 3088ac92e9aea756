import { rmSync } from "node:fs";
import { Command } from "commander";
import { type RegistryServer, serveRegistry } from "../node/index.js";
import { InterruptedError, interruptible } from "./interruption.js";
import { printLine } from "./print-line.js";
import { describeError } from "./report-error.js";
import { addServeFlags, registryOptions, type ServeFlags } from "./serve-flags.js";

const HELP = `
Prints one line on stdout, the URL that it listens at, when it is ready. Everything else goes to stderr; with --verbose
that is a line for each request.

Without --username, who reaches the address can read, push and delete. With it, only the user can, and with
--anonymous-pull everybody read. It speaks plain HTTP: over a network, let something before it speak TLS.

Without --disk and --memory, what is pushed is kept in a temporary directory that is removed at the end.

SIGTERM ends it with exit code 0, Ctrl-C (SIGINT) with 130; requests that are under way get five seconds. With --disk,
uploads that are not complete are gone on with by the next one on the directory, however this one ended.

Examples:
  $ varve serve
  $ varve serve --address 127.0.0.1:0 --memory 512MiB
  $ varve serve --address 0.0.0.0:5000 --disk /var/lib/varve --username me --password-stdin < password`;

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;

/** `varve serve`. */
export function serveCommand(): Command {
  const command = new Command("serve")
    .summary("run a small registry")
    .description("Runs a small registry, for trials, tests and a local network.");
  return addServeFlags(command)
    .addHelpText("after", HELP)
    .action((_flags: ServeFlags, command: Command) => serve(command.optsWithGlobals<ServeFlags>()));
}

async function serve(flags: ServeFlags): Promise<void> {
  const { address, disk, memory, verbose = false } = flags;
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  const options = await registryOptions(flags, process.stdin);
  try {
    await interruptible("the registry was stopped", async (signal) => {
      const registry = await serveRegistry({
        address,
        ...options,
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

function describe(
  registry: RegistryServer,
  { disk, memory, username }: ServeFlags,
  isTemporary: boolean,
): string {
  const { host, port } = registry.address;
  const authority = registry.url.slice("http://".length);
  const place = isTemporary
    ? `${registry.directory}, until it ends`
    : (disk ?? `memory, at most ${memory} bytes`);
  const lines = [`varve: a registry in ${place}; push to ${authority}/NAME, end it with Ctrl-C`];
  if (!LOOPBACK.test(host)) {
    lines.push(
      username === undefined
        ? `varve: there is no authentication: everyone who reaches port ${port} can read, push and delete`
        : `varve: it speaks plain HTTP: who listens on the way to port ${port} learns the password`,
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
