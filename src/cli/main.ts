#!/usr/bin/env node
import { ExitCode, exitCodeOf } from "./exit-code.js";
import { newProgram, usageErrorOf } from "./program.js";
import { describeError } from "./report-error.js";
import { serveAsWorker } from "./threads.js";

/** Runs the command that the arguments ask for, and gives its exit code. */
async function main(parameters: readonly string[]): Promise<number> {
  const program = newProgram();
  try {
    await program.parseAsync(parameters, { from: "user" });
    return ExitCode.ok;
  } catch (thrown) {
    const error = usageErrorOf(thrown);
    if (error === undefined) {
      return ExitCode.ok;
    }
    const text = describeError(error, program.opts<{ verbose?: true }>().verbose === true);
    if (text !== "") {
      process.stderr.write(`${text}\n`);
    }
    return exitCodeOf(error);
  }
}

if (!serveAsWorker()) {
  // What cannot be written is told to whoever writes it; here it would end the process, with a stack.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => undefined);
  }

  process.exitCode = await main(process.argv.slice(2));
  if (process.exitCode === ExitCode.interrupted) {
    // Whoever was interrupted may have left something waiting, such as a write to a pipe that nobody reads on.
    process.exit();
  }
}
