import { fromBase64, fromUTF8, toBase64 } from "../../authn/base64.js";
import type { Conceal } from "./conceal.js";
import { isShown, pairsOf } from "./query.js";

/** How many secrets of each kind are remembered: more than requests are under way, and than a token's renewals leave behind. */
const MOST = 64;

/** A shorter secret stands in a text by chance, and hiding it there would tell it. */
const SHORTEST = 6;

/** A shorter value of a query is hidden together with its name only. */
const SHORTEST_VALUE = 8;

/** Secrets, the one that was shown last at the end, with the forms that they were looked for in. */
type Remembered = Map<string, readonly string[] | undefined>;

/** A request as far as it holds secrets. */
export interface SecretParts {
  readonly url: URL;
  readonly authorization?: string | undefined;
  readonly confidentialBody?: string | undefined;
}

/**
 * Remembers what secrets a client has shown, to whomever: credentials and tokens, and the values in queries, since a URL can be a capability.
 * A server or a runtime that repeats one of them, as some do in their errors, has it taken out of what the user is told. User names are no
 * secrets: an error may well be about one.
 */
export class ShownSecrets {
  readonly #credentials: Remembered = new Map();
  readonly #queries: Remembered = new Map();

  /** Takes note of the secrets of a request that is about to be made. */
  note({ url, authorization, confidentialBody }: SecretParts): void {
    for (const credential of [...credentialsIn(authorization), confidentialBody ?? ""]) {
      this.#remember(this.#credentials, credential, SHORTEST);
    }
    for (const pair of pairsOf(url).filter((each) => !isShown(each))) {
      const value = pair.slice(pair.indexOf("=") + 1);
      this.#remember(this.#queries, pair, SHORTEST_VALUE);
      this.#remember(this.#queries, value, SHORTEST_VALUE);
      this.#remember(this.#queries, decoded(value), SHORTEST_VALUE);
    }
  }

  /** Takes the secrets out of a text, in whatever form they stand there: as they are, in base64, or escaped for a URL or for JSON. */
  readonly conceal: Conceal = (text) => {
    const folded = text.toLowerCase();
    const found = [this.#credentials, this.#queries].flatMap((kind) =>
      [...kind].flatMap(([secret, known]) => {
        const forms = known ?? formsOf(secret);
        kind.set(secret, forms);
        return forms.filter((form) => folded.includes(form));
      }),
    );
    return found.length === 0 ? text : text.replace(patternOf(found), "REDACTED");
  };

  /** What is used again is the last to be forgotten. */
  #remember(kind: Remembered, secret: string, shortest: number): void {
    if (secret.length < shortest) {
      return;
    }
    const forms = kind.get(secret);
    kind.delete(secret);
    kind.set(secret, forms);
    for (const oldest of kind.keys()) {
      if (kind.size <= MOST) {
        break;
      }
      kind.delete(oldest);
    }
  }
}

/** The credentials in a value of `Authorization`, and what they are made of. */
function credentialsIn(authorization = ""): readonly string[] {
  const [, scheme = "", credentials = ""] = /^(\S+) (.+)$/s.exec(authorization) ?? [];
  const bytes = scheme === "Basic" ? fromBase64(credentials) : undefined;
  const text = bytes === undefined ? undefined : fromUTF8(bytes);
  return text === undefined ? [credentials] : [credentials, text.slice(text.indexOf(":") + 1)];
}

/** A pattern of thousands of forms would take longer to make than to look for each of them. */
function patternOf(forms: readonly string[]): RegExp {
  const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return new RegExp(longestFirst.map((form) => form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "gi");
}

/** How a secret may stand in a text, in small letters: hosts of URLs are written so. */
function formsOf(secret: string): readonly string[] {
  const inJSON = JSON.stringify(secret).slice(1, -1);
  const forms = [
    secret,
    inJSON,
    // Go's encoder also escapes what HTML would take for its own.
    inJSON.replace(/[<>&]/g, (unit) => `\\u00${unit.charCodeAt(0).toString(16)}`),
    inJSON.replaceAll("/", "\\/"),
    encoded(secret),
    String(new URLSearchParams({ "": secret })).slice(1),
    ...base64Within(secret),
  ];
  return [...new Set(forms.map((form) => form.toLowerCase()))];
}

/** What there is of a text in the base64 of a longer one, wherever in it that begins; in the alphabet for URLs, too. */
function base64Within(text: string): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const coded = toBase64("\0".repeat(before) + text);
    // The units at the ends are made up of what stands around the text as well.
    const inner = coded.replace(/.=+$/, "").slice([0, 2, 3][before]);
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** A lone surrogate cannot be encoded. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
