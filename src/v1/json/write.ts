/**
 * JSON as Go's encoding/json writes it, byte for byte: the digests of manifests and configurations depend on it.
 * It is compact; maps are in the order of their keys' UTF-8 bytes; `<`, `>`, `&`, U+2028 and U+2029 are escaped
 * inside strings, `/` and everything else above U+001F is not.
 */

/** What can be written. */
export type JSONValue =
  | string
  | number
  | boolean
  | null
  | readonly JSONValue[]
  | JSONFields
  | ReadonlyMap<string, JSONValue>;

/** An object whose fields are written in the order given; one that is undefined is left out. */
export class JSONFields {
  readonly fields: readonly (readonly [name: string, value: JSONValue | undefined])[];

  constructor(...fields: readonly (readonly [name: string, value: JSONValue | undefined])[]) {
    this.fields = fields;
  }
}

/** The value as UTF-8. A lone surrogate becomes U+FFFD, as Go has it. */
export function encodeJSON(value: JSONValue): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(write(value));
}

/**
 * The entries in the order of their names' UTF-8 bytes, which is that of their code points. Names that are the same when they
 * are written are one; the last wins.
 */
export function jsonMap(record: Readonly<Record<string, JSONValue>>): ReadonlyMap<string, JSONValue> {
  const entries = Object.entries(record).map(([name, value]) => [wellFormed(name), value] as const);
  return new Map([...new Map(entries)].sort(([a], [b]) => compareCodePoints(a, b)));
}

/** The text as it is written: U+FFFD for each lone surrogate. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** An object of what is not undefined, or undefined if that is nothing: Go's `omitempty` of a pointer or a map. */
export function unlessEmpty<Value>(
  values: Readonly<Record<string, Value>> | undefined,
): Readonly<Record<string, Value>> | undefined {
  return values !== undefined && Object.keys(values).length > 0 ? values : undefined;
}

function write(value: JSONValue): string {
  if (typeof value === "string") return writeString(value);
  if (value === null || typeof value === "boolean" || typeof value === "number") return String(value);
  if (value instanceof JSONFields) {
    const present = value.fields.filter((field): field is [string, JSONValue] => field[1] !== undefined);
    return writeObject(present);
  }
  if (value instanceof Map) return writeObject([...value]);
  return `[${(value as readonly JSONValue[]).map(write).join(",")}]`;
}

function writeObject(entries: readonly (readonly [string, JSONValue])[]): string {
  return `{${entries.map(([name, each]) => `${writeString(name)}:${write(each)}`).join(",")}}`;
}

/** Escapes that are not `\u` and four digits. */
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function writeString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped.
  const escaped = text.replace(/["\\<>&\u0000-\u001f\u2028\u2029]/g, (unit) => {
    return SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/** UTF-16 units sort as code points do, but for surrogates, which belong above everything else. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return aboveSurrogates(left) - aboveSurrogates(right);
  }
  return a.length - b.length;
}

function aboveSurrogates(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
