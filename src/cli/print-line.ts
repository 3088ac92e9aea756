import { OutputError } from "./output-error.js";

/**
 * Prints one line on stdout, and waits until it is written.
 *
 * @param consequence what to tell the user if that fails
 * @throws {OutputError} if stdout cannot be written
 */
export async function printLine(line: string, consequence?: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(`${line}\n`, (error) => {
      if (error) {
        reject(new OutputError("stdout", error, consequence));
      } else {
        resolve();
      }
    });
  });
}
