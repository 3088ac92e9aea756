import { hasCode } from "../core/error.js";
import { messageOf } from "../core/message.js";
import type { VerificationError } from "../v1/index.js";
import type { ProblemName } from "./problems.js";
import type { Report } from "./report.js";

/** Tells that content can't be read. @throws the signal's reason, if it is aborted, which is no problem but the end */
export function tellUnreadable(error: unknown, { problems, where }: Report): void {
  problems.throwIfAborted();
  const name = nameOf(error);
  const short = name === "undersized-content" ? "undersized content: " : "";
  problems.add(name, where, `${short}${messageOf(error)}`, error);
}

/** Sources that verify what they give say more than that it can't be read. */
function nameOf(error: unknown): ProblemName {
  if (hasCode(error, "ERR_VARVE_VERIFICATION")) {
    const { expected, found } = error as VerificationError;
    if (found.digest !== undefined) return "mismatched-digest";
    return (found.size ?? 0) < (expected.size ?? 0) ? "undersized-content" : "mismatched-size";
  }
  return reasonOf(error) === "truncated" ? "undersized-content" : "unreadable-content";
}

/** Whether the bytes are to blame, and not where they come from. */
export function isDamage(error: unknown): boolean {
  return reasonOf(error) !== undefined;
}

/** Errors of decompressors have a reason; that of zstd is known only where it was registered. */
function reasonOf(error: unknown): string | undefined {
  const isDecompressor = hasCode(error, "ERR_VARVE_INFLATE") || hasCode(error, "ERR_VARVE_ZSTD");
  return isDecompressor ? String((error as { readonly reason?: unknown }).reason) : undefined;
}
