import { inspect } from "node:util";

/** Texts that stand nowhere by chance, by what they are. Tokens join them as they are given out. */
export class Secrets {
  readonly #texts: Map<string, string> = new Map();

  add(what: string, text: string): void {
    this.#texts.set(text, what);
  }

  /** What of the secrets a text has: as it is, escaped for a URL or for JSON, or somewhere in base64. */
  in(text: string): readonly string[] {
    const views = [text, ...unescapings(text), ...base64Within(text)].map((view) => view.toLowerCase());
    return [...this.#texts].flatMap(([secret, what]) =>
      views.some((view) => view.includes(secret.toLowerCase())) ? [what] : [],
    );
  }

  /** What of the secrets can be found in something that was thrown, or told, by whoever looks at all of it. */
  inside(value: unknown): readonly string[] {
    const shown = inspect(value, {
      showHidden: true,
      depth: Number.POSITIVE_INFINITY,
      maxStringLength: null,
    });
    // Stacks have much in common.
    const lines = [shown, json(value), ...textsOf(value)].flatMap((text) => text.split("\n"));
    return this.in([...new Set(lines)].join("\n"));
  }
}

function unescapings(text: string): readonly string[] {
  const url = text.replace(/\+/g, " ").replace(/%([0-9a-f]{2})/gi, (_, hex) => unit(hex));
  const inJSON = text.replace(/\\u([0-9a-f]{4})/gi, (_, hex) => unit(hex)).replace(/\\(.)/g, "$1");
  return [url, inJSON];
}

function unit(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

/** What is decoded of everything that could be base64, wherever in it that begins. */
function base64Within(text: string): readonly string[] {
  const words = [...new Set(text.match(/[\w+/-]{12,}/g))];
  return words.flatMap((word) =>
    [0, 1, 2, 3].map((from) => Buffer.from(word.slice(from), "base64").toString("latin1")),
  );
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}

/** Messages and stacks of an error and of what caused it, which may be no own properties. */
function textsOf(value: unknown, seen: Set<unknown> = new Set()): readonly string[] {
  if (typeof value !== "object" || value === null || seen.has(value)) {
    return [String(value)];
  }
  seen.add(value);
  const { message, stack, cause, errors, body } = value as Record<string, unknown>;
  return [
    String(message),
    String(stack),
    String(body),
    ...textsOf(cause, seen),
    ...(Array.isArray(errors) ? errors.flatMap((each) => textsOf(each, seen)) : []),
  ];
}

/** A text of its own, with characters in it that URLs, JSON and HTML escape. */
export function unmistakable(what: string): string {
  return `${what}-Zq7"&<+/%=-${what.length}xKv`;
}
