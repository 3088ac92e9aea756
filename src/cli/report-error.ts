import { OutputError } from "./output-error.js";
import { withoutSecrets } from "./secrets.js";

/** As many errors as are shown of one failure; more are noise. */
const MOST_CAUSES = 8;

/**
 * What the user is told of an error that ended the command: one line, or with `verbose` its stack and those of its causes. It is empty if
 * the output's reader has gone, about which there is nothing to tell.
 */
export function describeError(error: unknown, verbose: boolean): string {
  if (verbose) {
    return `varve: ${withoutSecrets(stacksOf(error).join("\ncaused by: "))}`;
  }
  if (error instanceof OutputError && error.readerGone) {
    return "";
  }
  const message = error instanceof Error ? error.message : String(error);
  const line = withoutSecrets(message)
    .trim()
    .replace(/\s*[\r\n]+\s*/g, " ");
  return isOurs(error)
    ? `varve: ${line}`
    : `varve: unexpected error: ${line}; --verbose shows where it came from`;
}

function isOurs(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code.startsWith("ERR_VARVE_");
}

/** The stacks of an error and of what caused it, each one once. */
function stacksOf(error: unknown): string[] {
  const chain = new Set<unknown>([error]);
  for (const each of chain) {
    const causes =
      each instanceof AggregateError ? [each.cause, ...each.errors] : [(each as Error | null)?.cause];
    for (const cause of causes) {
      if (cause !== undefined && chain.size < MOST_CAUSES) {
        chain.add(cause);
      }
    }
  }
  return [...chain].map((each) => (each instanceof Error ? (each.stack ?? each.message) : String(each)));
}
