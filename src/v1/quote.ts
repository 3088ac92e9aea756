const LONGEST = 96;

/**
 * Makes untrusted text fit for an error message: in double quotes, printable ASCII only (everything else as
 * `\uXXXX`, so that a message can neither steer a terminal nor break a log line), and cut after 96 UTF-16
 * units.
 */
export function quote(text: string): string {
  const kept = text.length > LONGEST ? text.slice(0, LONGEST) : text;
  const escaped = kept
    .replace(/["\\]/g, "\\$&")
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `"${escaped}${kept === text ? "" : "..."}"`;
}
