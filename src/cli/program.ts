import { Command, CommanderError } from "commander";
import { layerCommand } from "./layer.js";
import { pushLayerCommand } from "./push-layer.js";
import { serveCommand } from "./serve.js";
import { UsageError } from "./usage-error.js";
import { VERSION } from "./version.js";

const EXIT_CODES = `
Exit codes:
  0 done   1 failure   2 usage   3 not authorized   4 not found in the registry   5 network   130 interrupted`;

const HELP = `
Examples:
  $ varve serve
  $ tar -c -C rootfs . | varve push-layer localhost:5000/app

varve COMMAND --help tells more of each command.`;

/** As wide as the texts in this directory are written. */
const HELP_WIDTH = 116;

/** The command line, with all its commands, which throw what ends them. */
export function newProgram(): Command {
  const program = new Command("varve")
    .description(
      "Turns a stream of bytes into a container-image layer in one pass, and puts it where images live.",
    )
    .usage("COMMAND [options]")
    .version(VERSION, "-V, --version", "print the version")
    .option("-v, --verbose", "tell more: of an error its stack and causes")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [COMMAND]", "print the help of a command")
    .addHelpText("after", HELP);
  for (const command of [pushLayerCommand(), layerCommand(), serveCommand()]) {
    program.addCommand(command.helpOption("-h, --help", "print this help"));
  }
  for (const command of [program, ...program.commands]) {
    command
      .addHelpText("after", EXIT_CODES)
      .exitOverride()
      .configureHelp({ showGlobalOptions: command !== program, helpWidth: HELP_WIDTH })
      .configureOutput({ outputError: () => undefined });
  }
  return program;
}

/**
 * What a failure of the parser means for the user; undefined if it is none, because help or the version was asked for and has been
 * printed. Any other error is given back.
 */
export function usageErrorOf(error: unknown): unknown {
  if (!(error instanceof CommanderError)) {
    return error;
  }
  if (error.exitCode === 0) {
    return undefined;
  }
  const problem =
    error.code === "commander.help"
      ? "a command is missing"
      : error.message
          .replace(/^error: /, "")
          .replace(/\s+/g, " ")
          .replace(/\.$/, "");
  return new UsageError(`${problem}; varve --help tells more`);
}
