/** The words of something that was thrown, or given as a reason: it may be anything, even what can't be made a string. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) {
    return thrown.message;
  }
  return typeof thrown === "object" ? Object.prototype.toString.call(thrown) : String(thrown);
}
