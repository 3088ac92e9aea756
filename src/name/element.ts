import { quote } from "../v1/quote.js";
import { NameError, type NamePart } from "./name-error.js";

interface Rule {
  /** Matches the first character that is not allowed. */
  readonly stranger: RegExp;
  /** What is allowed, for the message. */
  readonly allowed: string;
  /** The most characters there may be; the fewest is one. */
  readonly longest: number;
}

const REPOSITORY: Rule = { stranger: /[^a-z0-9_\-./]/u, allowed: "a-z 0-9 _ - . /", longest: 255 };
const TAG: Rule = { stranger: /[^A-Za-z0-9_\-.]/u, allowed: "A-Z a-z 0-9 _ - .", longest: 128 };

/**
 * Checks the path of a repository. Only characters and length are checked, as registries differ in what
 * structure they ask for, and that no component is `.` or `..`: a URL would resolve it away, and the request
 * would reach another path.
 *
 * @throws {NameError} naming what is wrong and what is allowed
 */
export function checkRepository(repository: string): void {
  check("repository", repository, REPOSITORY);
}

/**
 * Checks a tag: characters, length, and that it is not `.` or `..`. Unlike the OCI distribution-spec
 * ("Pulling manifests") it may begin with any of its characters, since registries hold such tags.
 *
 * @throws {NameError} naming what is wrong and what is allowed
 */
export function checkTag(tag: string): void {
  check("tag", tag, TAG);
}

function check(part: NamePart, text: string, { stranger, allowed, longest }: Rule): void {
  if (text.length === 0 || text.length > longest) {
    throw new NameError(
      part,
      `${part} ${quote(text)} has ${text.length} characters; from 1 to ${longest} are allowed`,
    );
  }
  const found = stranger.exec(text);
  if (found !== null) {
    throw new NameError(
      part,
      `${part} ${quote(text)} has the character ${quote(found[0])}; allowed are ${allowed}`,
    );
  }
  const dots = text.split("/").find((component) => component === "." || component === "..");
  if (dots !== undefined) {
    throw new NameError(
      part,
      `${part} ${quote(text)} has the component ${quote(dots)}, which a URL would resolve away; it is not allowed`,
    );
  }
}
