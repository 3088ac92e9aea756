import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JSONError } from "../../src/v1/index.js";
import { bytesOfText, kinds, textOf } from "./documents.js";

/** What a parser throws; undefined if it doesn't. */
function thrown(parse: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    parse(bytes);
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Each place in a JSON value, with a way to put something else there. */
function* places(
  value: unknown,
  replace: (other: unknown) => unknown,
): Generator<(other: unknown) => unknown> {
  yield replace;
  if (typeof value !== "object" || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    yield* places(each, (other) => {
      const copy = Array.isArray(value) ? [...value] : { ...value };
      Reflect.set(copy, key, other);
      return replace(copy);
    });
  }
}

describe.each(kinds)("a malformed $kind", ({ kind, parse, bytes, value }) => {
  it("is not what the test begins with", () => {
    expect(parse(bytes)).toEqual(value);
  });

  it("that is cut short anywhere is a JSONError", () => {
    for (let length = 0; length < bytes.length; length++) {
      const error = thrown(parse, bytes.subarray(0, length));
      expect(error, `${length} bytes`).toBeInstanceOf(JSONError);
    }
  });

  it("with a bit flipped anywhere is read as JSON or is a JSONError, and nothing else", () => {
    let refused = 0;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const error = thrown(parse, flipped);
      if (error !== undefined) {
        refused++;
        expect(error).toBeInstanceOf(JSONError);
      }
    }
    expect(refused).toBeGreaterThan(bytes.length);
  });

  it("of random bytes or random JSON is a JSONError, or has the shape that it should have", () => {
    const random = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.json().map(bytesOfText),
      fc.jsonValue().map((json) => bytesOfText(JSON.stringify({ config: json, layers: json, rootfs: json }))),
    );
    fc.assert(
      fc.property(random, (input) => {
        const error = thrown(parse, input);
        expect(error === undefined || error instanceof JSONError).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("with a value of another type anywhere is a JSONError that says where, or is passed over", () => {
    const json: unknown = JSON.parse(textOf(bytes));
    const others = [null, true, 0, -1, 1.5, 2 ** 53, "", "text", [], [[]], {}, { "": {} }];
    for (const put of places(json, (other) => other)) {
      for (const other of others) {
        const error = thrown(parse, bytesOfText(JSON.stringify(put(other))));
        if (error !== undefined) {
          expect(error).toBeInstanceOf(JSONError);
          expect((error as Error).message).toMatch(
            new RegExp(`^invalid ${kind === "configuration" ? "image " : ""}`),
          );
        }
      }
    }
  });

  it("nested 100000 deep, where it matters or where it doesn't, is dealt with at once", () => {
    const depth = 100_000;
    const deep = "[".repeat(depth) + "]".repeat(depth);
    const deepObject = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    for (const nested of [deep, deepObject]) {
      expect(thrown(parse, bytesOfText(nested.slice(0, -1)))).toBeInstanceOf(JSONError);
      for (const field of ["config", "rootfs", "layers", "manifests", "annotations", "history", "unknown"]) {
        const error = thrown(parse, bytesOfText(`{"${field}":${nested}}`));
        expect(error === undefined || error instanceof JSONError).toBe(true);
      }
    }
  });

  it("that is not UTF-8, or begins with a byte order mark, is a JSONError", () => {
    const text = textOf(bytes);
    for (const input of [
      Uint8Array.of(...bytes.subarray(0, -1), 0xff, 0x7d),
      Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes),
      new Uint8Array(new Uint16Array([...text].map((unit) => unit.charCodeAt(0))).buffer),
    ]) {
      const error = thrown(parse, input);
      expect(error).toBeInstanceOf(JSONError);
      expect((error as Error).message).toMatch(/it is not JSON in UTF-8$/);
      expect((error as Error).cause).toBeInstanceOf(Error);
    }
  });

  it("with something after its end is a JSONError", () => {
    expect(thrown(parse, bytesOfText(`${textOf(bytes)}{}`))).toBeInstanceOf(JSONError);
  });

  it.each(["null", "7", '"text"', "[]", "true"])(
    "that is %s is a JSONError that says what is expected",
    (json) => {
      const error = thrown(parse, bytesOfText(json));
      expect(error).toMatchObject({ code: "ERR_VARVE_JSON", retryable: false });
      expect((error as Error).message).toMatch(/: it is not an object$/);
    },
  );
});
