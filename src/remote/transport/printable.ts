/**
 * Makes text from a registry fit for an error message: control characters, line ends, and the marks that turn the
 * direction of writing around become spaces or `\uXXXX`, so that it can neither steer a terminal nor forge a line of a log.
 *
 * @param longest in UTF-16 units; what is longer is cut, and ends in "..."
 */
export function printable(text: string, longest = 1024): string {
  const kept = text.length > longest ? `${text.slice(0, longest)}...` : text;
  return kept
    .trim()
    .replace(/[\t\n\r]+/g, " ")
    .replace(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
      (unit) => `\\u${(unit.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
    );
}
