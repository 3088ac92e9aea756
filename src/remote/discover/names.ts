import { printable } from "../transport/printable.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { redactURL, redactURLsIn } from "../transport/redact.js";
import type { Page } from "./pages.js";

/**
 * The names that a page lists.
 *
 * @param field where they are; null there, and nothing, is an empty list, and so is null alone
 * @throws {ProtocolError} if it is not JSON of that form
 */
export function namesIn({ answer, bytes }: Page, field: "tags" | "repositories"): readonly string[] {
  const text = new TextDecoder().decode(bytes);
  const names = listIn(text, field);
  if (!Array.isArray(names) || !names.every((name): name is string => typeof name === "string")) {
    throw new ProtocolError(
      `GET ${redactURL(answer.url)}: the answer is no list of ${field}: ${printable(redactURLsIn(answer.conceal(text)), 96)}`,
    );
  }
  return names;
}

/** Undefined if the text is not JSON, or none that could have a list. */
function listIn(text: string, field: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text) ?? {};
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || Array.isArray(value)) {
    return undefined;
  }
  return (value as Readonly<Record<string, unknown>>)[field] ?? [];
}

/** Adds how many names are wanted at a time. Some registries refuse more than 1000. */
export function withPageSize(url: URL, pageSize = 1000): URL {
  if (pageSize > 0) {
    url.searchParams.set("n", String(pageSize));
  }
  return url;
}
