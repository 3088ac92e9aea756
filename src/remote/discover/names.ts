import { printable } from "../transport/printable.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { redactURL, redactURLsIn } from "../transport/redact.js";
import type { Page } from "./pages.js";

/**
 * The names that a page lists.
 *
 * @param field where they are; null there, and nothing, is an empty list
 * @throws {ProtocolError} if it is not JSON of that form
 */
export function namesIn({ answer, bytes }: Page, field: "tags" | "repositories"): readonly string[] {
  const text = new TextDecoder().decode(bytes);
  let names: unknown;
  try {
    names = (JSON.parse(text) as Readonly<Record<string, unknown>> | null)?.[field] ?? [];
  } catch {
    names = undefined;
  }
  if (!Array.isArray(names) || !names.every((name): name is string => typeof name === "string")) {
    throw new ProtocolError(
      `GET ${redactURL(answer.url)}: the answer is no list of ${field}: ${printable(redactURLsIn(answer.conceal(text)), 96)}`,
    );
  }
  return names;
}

/** Adds how many names are wanted at a time. Some registries refuse more than 1000. */
export function withPageSize(url: URL, pageSize = 1000): URL {
  if (pageSize > 0) {
    url.searchParams.set("n", String(pageSize));
  }
  return url;
}
