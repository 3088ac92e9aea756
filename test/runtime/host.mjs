/** What the runs of Node, Bun and Deno have in common: a program that is given a module and prints a report as its last line. */
import { join } from "node:path";
import { checkCommand, checkThreads } from "./command.mjs";
import { run } from "./process.mjs";
import { compile } from "./project.mjs";
import { addTest, readReport } from "./report.mjs";

/**
 * How a runtime is started. The words stand before the module on its command line; those for the varve command may be others.
 *
 * @typedef {{ program: string, words: string[], commandWords?: string[], env?: Record<string, string> }} Host
 */

/**
 * @param {string} runtime its name, which is its directory's
 * @param {Host} host
 * @param {import("./runner.js").Context} context
 */
export async function runHost(
  runtime,
  { program, words, commandWords = words, env = {} },
  { project, signal },
) {
  const options = { cwd: project, env, signal };
  const module = await compile(join(import.meta.dirname, runtime, "entry.ts"), project, `${runtime}.js`);
  const printed = await run(program, [...words, module], options);
  const report = readReport(printed.trimEnd().split("\n").at(-1) ?? "", runtime);
  /** @param {string[]} args */
  const command = (args) => run(program, [...commandWords, ...args], options);
  await addTest(report, "the installed command makes a layer of a file", () =>
    checkCommand(runtime, command, project),
  );
  await addTest(report, "the installed command makes a layer with several threads", () =>
    checkThreads(runtime, command, project),
  );
  return report;
}
