/** What a server asks for before it lets a client in (RFC 9110, section 11.3). */
export interface Challenge {
  /** Such as `"bearer"`; in lower case. */
  readonly scheme: string;
  /** By name, in lower case. Of a name that is given twice, the first. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** RFC 9110, section 5.6.2. */
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;

/**
 * Reads `WWW-Authenticate`, of which a response may have several: they come as one, joined by commas. What is not of the grammar ends
 * the reading; what stands before it counts.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  const text = new Cursor(header);
  for (;;) {
    text.take(SEPARATORS);
    const word = text.take(TOKEN)?.[0].toLowerCase();
    if (word === undefined) {
      return challenges;
    }
    const current = challenges.at(-1);
    if (text.take(EQUALS) === undefined || current === undefined) {
      challenges.push({ scheme: word, parameters: new Map() });
      continue;
    }
    const value = text.take(QUOTED)?.[1]?.replace(/\\([\s\S])/g, "$1") ?? text.take(TOKEN)?.[0] ?? "";
    if (!current.parameters.has(word)) {
      current.parameters.set(word, value);
    }
  }
}

/** The challenge to answer: the first that is basic or bearer, else the first; undefined if there is none. */
export function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  return challenges.find(({ scheme }) => scheme === "bearer" || scheme === "basic") ?? challenges[0];
}

/** The challenge of a response, chosen as by {@link chooseChallenge}. */
export function challengeOf(response: Response): Challenge | undefined {
  return chooseChallenge(parseChallenges(response.headers.get("www-authenticate") ?? ""));
}

class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** What a sticky pattern finds here; moves behind it. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found;
  }
}
