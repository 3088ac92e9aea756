import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeJSON, JSONFields, jsonMap } from "../../src/v1/json/write.js";
import { textOf } from "./documents.js";

describe("encodeJSON", () => {
  it("escapes strings as appendix A has it", () => {
    expect(textOf(encodeJSON(jsonMap({ z: "<a&b>\u2028", a: "é" })))).toBe(
      '{"a":"é","z":"\\u003ca\\u0026b\\u003e\\u2028"}',
    );
  });

  it("escapes every control character, and nothing else that is plain", () => {
    const units = Array.from({ length: 0x100 }, (_, unit) => String.fromCharCode(unit)).join("");
    const written = textOf(encodeJSON(units));
    expect(JSON.parse(written)).toBe(units);
    expect(written).toContain("\\u0000\\u0001");
    expect(written).toContain("\\b\\t\\n\\u000b\\f\\r\\u000e");
    expect(written).toContain("\\u001f !\\\"#$%\\u0026'()*+,-./0");
    expect(written).toContain("\u007f\u0080");
  });

  it("writes what JSON reads back, for any value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.maxSafeInteger(), fc.boolean(), (text, number, flag) => {
        const fields = new JSONFields(["a", [text, null]], ["b", number], ["c", undefined], [text, flag]);
        const expected = { a: [text, null], b: number, [text]: flag };
        expect(JSON.parse(textOf(encodeJSON(fields)))).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
    );
  });

  it("writes a lone surrogate as U+FFFD", () => {
    expect(textOf(encodeJSON("a\ud800b\udc00\ud83d\ude00"))).toBe('"a\ufffdb\ufffd\u{1f600}"');
  });
});

describe("jsonMap", () => {
  it("sorts names by their UTF-8 bytes, not by their UTF-16 units", () => {
    const names = ["\u{1f600}", "\uffff", "b", "", "10", "9", "a"];
    const map = jsonMap(Object.fromEntries(names.map((name) => [name, 1])));
    expect([...map.keys()]).toEqual(["", "10", "9", "a", "b", "\uffff", "\u{1f600}"]);
  });

  it("sorts as Buffer.compare does, for any names", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (names) => {
        const written = [...jsonMap(Object.fromEntries(names.map((name) => [name, 1]))).keys()];
        const sorted = written.map((name) => Buffer.from(name)).sort(Buffer.compare);
        expect(written).toEqual(sorted.map(String));
      }),
    );
  });

  it("takes names that are written the same for one, and the last for its value", () => {
    expect([...jsonMap({ "\ud800": "first", "\udfff": "second" })]).toEqual([["\ufffd", "second"]]);
    expect(textOf(encodeJSON(jsonMap({ "\uffff": 1, "\ud800": 2 })))).toBe('{"\ufffd":2,"\uffff":1}');
  });
});
