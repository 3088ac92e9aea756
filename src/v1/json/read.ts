import { messageOf } from "../../core/message.js";
import { type Hash, newHash } from "../hash.js";
import { quote } from "../quote.js";
import { JSONError } from "./error.js";

/**
 * Parses bytes that should hold one JSON object. What is read of it is checked field by field; what isn't, isn't.
 *
 * @param what what the bytes are, such as `"manifest"`, to begin messages with
 * @throws {JSONError} if the bytes are not UTF-8, not JSON, or not an object
 */
export function parseObject(what: string, bytes: Uint8Array): JSONObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new JSONError(`invalid ${what}: it is not JSON in UTF-8`, { cause });
  }
  return new JSONObject(what, "", value);
}

/**
 * A JSON object whose fields are not yet known to be what they should be. Each reader gives a field's value, or
 * undefined if the field is absent or null, and throws a {@link JSONError} that names the field if it is of another
 * type.
 */
export class JSONObject {
  readonly #what: string;
  readonly #path: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(what: string, path: string, value: unknown) {
    this.#what = what;
    this.#path = path;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.#error(path, "is not an object");
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
  }

  string(field: string): string | undefined {
    return this.#typed(field, "a string", (value) => typeof value === "string") as string | undefined;
  }

  boolean(field: string): boolean | undefined {
    return this.#typed(field, "true or false", (value) => typeof value === "boolean") as boolean | undefined;
  }

  /** A whole number that is exact in a double: at most 2^53 - 1 either way. */
  integer(field: string): number | undefined {
    return this.#typed(field, "a whole number of at most 2^53 - 1", Number.isSafeInteger) as
      | number
      | undefined;
  }

  strings(field: string): readonly string[] | undefined {
    const list = this.#list(field);
    const wrong = list?.findIndex((each) => typeof each !== "string") ?? -1;
    if (wrong >= 0) throw this.#error(`${this.#at(field)}[${wrong}]`, "is not a string");
    return list as readonly string[] | undefined;
  }

  /** An object of strings, such as annotations. It has no prototype's properties, whatever its keys. */
  stringMap(field: string): Readonly<Record<string, string>> | undefined {
    const entries = this.#entries(field);
    const wrong = entries?.find(([, value]) => typeof value !== "string");
    if (wrong !== undefined) throw this.#error(`${this.#at(field)}.${wrong[0]}`, "is not a string");
    return entries === undefined ? undefined : Object.fromEntries(entries as [string, string][]);
  }

  /** The keys of an object whose values say nothing: Go's `map[string]struct{}`. */
  keys(field: string): readonly string[] | undefined {
    return this.#entries(field)?.map(([key]) => key);
  }

  object(field: string): JSONObject | undefined {
    const value = this.#value(field);
    return value === undefined ? undefined : new JSONObject(this.#what, this.#at(field), value);
  }

  objects(field: string): readonly JSONObject[] | undefined {
    return this.#list(field)?.map(
      (each, index) => new JSONObject(this.#what, `${this.#at(field)}[${index}]`, each),
    );
  }

  hash(field: string): Hash | undefined {
    const text = this.string(field);
    return text === undefined ? undefined : this.#hash(this.#at(field), text);
  }

  hashes(field: string): readonly Hash[] | undefined {
    return this.strings(field)?.map((text, index) => this.#hash(`${this.#at(field)}[${index}]`, text));
  }

  /** Base64 of RFC 4648, section 4. */
  bytes(field: string): Uint8Array<ArrayBuffer> | undefined {
    const text = this.string(field);
    if (text === undefined) return undefined;
    try {
      return Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0));
    } catch (cause) {
      throw this.#error(this.#at(field), "is not base64", cause);
    }
  }

  /** @throws {JSONError} if the value is undefined */
  required<Value>(field: string, value: Value | undefined): Value {
    if (value === undefined) throw this.#error(this.#at(field), "is missing");
    return value;
  }

  /** An error about a field of this object. */
  refuse(field: string, problem: string): JSONError {
    return this.#error(this.#at(field), problem);
  }

  #error(path: string, problem: string, cause?: unknown): JSONError {
    const where = path === "" ? "it" : quote(path);
    return new JSONError(`invalid ${this.#what}: ${where} ${problem}`, cause === undefined ? {} : { cause });
  }

  #at(field: string): string {
    return this.#path === "" ? field : `${this.#path}.${field}`;
  }

  #value(field: string): unknown {
    return Object.hasOwn(this.#fields, field) ? (this.#fields[field] ?? undefined) : undefined;
  }

  #typed(field: string, type: string, is: (value: unknown) => boolean): unknown {
    const value = this.#value(field);
    if (value !== undefined && !is(value)) throw this.#error(this.#at(field), `is not ${type}`);
    return value;
  }

  #list(field: string): readonly unknown[] | undefined {
    return this.#typed(field, "a list", Array.isArray) as readonly unknown[] | undefined;
  }

  #entries(field: string): [string, unknown][] | undefined {
    const value = this.#value(field);
    if (value === undefined) return undefined;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.#error(this.#at(field), "is not an object");
    }
    return Object.entries(value);
  }

  #hash(path: string, text: string): Hash {
    try {
      return newHash(text);
    } catch (cause) {
      throw this.#error(path, `is not a digest (${messageOf(cause)})`, cause);
    }
  }
}
