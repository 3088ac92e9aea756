/** The system's name for what went wrong, such as `ENOENT`; undefined if the error is not the system's. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/**
 * Says why the system refused something, for people: `no space left on device (ENOSPC)`. Node's own messages wrap the same words in the
 * name of a function and its arguments.
 */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = systemCode(error);
  const words = /^E[A-Z0-9]+: ([^,(]+)/.exec(message)?.[1]?.trim();
  if (code === undefined) {
    return message;
  }
  return words === undefined ? message : `${words} (${code})`;
}
