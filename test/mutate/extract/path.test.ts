import { posix, win32 } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entryPath, linkTarget } from "../../../src/mutate/extract/path.js";
import { UnsafeTarPathError } from "../../../src/mutate/index.js";

const component = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("..", ".", "", "a", "..a", "a..", "...", "C:") },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 3 }) },
);
const text = fc
  .tuple(
    fc.constantFrom("", "/", "./", "\\"),
    fc.array(component, { maxLength: 8 }),
    fc.constantFrom("/", "\\"),
  )
  .map(([start, components, separator]) => start + components.join(separator));

describe("the path of an entry", () => {
  it("is what the system's own cleaning makes of it, or is refused, and never leaves the root on any system", () => {
    fc.assert(
      fc.property(text, (name) => {
        let path: readonly string[];
        try {
          path = entryPath(name);
        } catch (error) {
          expect(error).toBeInstanceOf(UnsafeTarPathError);
          return;
        }
        const clean = posix.normalize(`/${name}`).replace(/\/$/, "");
        expect(`${path.length > 0 ? "/" : ""}${path.join("/")}`).toBe(clean);
        expect(path.some((each) => ["", ".", ".."].includes(each) || each.includes("/"))).toBe(false);
        const joined = path.join("/");
        expect(posix.resolve("/root", joined).startsWith("/root")).toBe(true);
        expect(win32.resolve("Z:\\root", joined).startsWith("Z:\\root")).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    "..",
    "../x",
    "a/../../x",
    "./../x",
    "/../x",
    "//../../etc/passwd",
    "a/b/../../../x/y/z",
    "..\\x",
    "a\\..\\..\\x",
    "a/..\\..\\x",
    "\\x",
    "\\\\server\\share",
    "C:x",
    "c:\\x",
    "./C:/x",
    "/C:/x",
    `${"a/".repeat(10)}${"../".repeat(11)}x`,
    `${"a/".repeat(20_000)}${"../".repeat(20_001)}x`,
  ])("%j is refused", (name) => {
    expect(() => entryPath(name)).toThrow(UnsafeTarPathError);
    expect(() => entryPath(name)).toThrow(/^unsafe tar path "/);
  });

  it.each([
    // What only looks like two dots, in whichever encoding, is a name like any other.
    ["%2e%2e/x", ["%2e%2e", "x"]],
    ["..%2fx", ["..%2fx"]],
    ["\u2024\u2024/x", ["\u2024\u2024", "x"]],
    ["\uff0e\uff0e/x", ["\uff0e\uff0e", "x"]],
    // Overlong UTF-8 of two dots, byte by byte.
    ["\udcc0\udcae\udcc0\udcae/x", ["\udcc0\udcae\udcc0\udcae", "x"]],
    [".. /x", [".. ", "x"]],
    ["..\u0000/x", ["..\u0000", "x"]],
    [".../x", ["...", "x"]],
    ["a/..b", ["a", "..b"]],
    ["system-a\\x2db.slice", ["system-a\\x2db.slice"]],
    ["a/b:c", ["a", "b:c"]],
    ["ab:c", ["ab:c"]],
    ["", []],
    [".", []],
    ["/", []],
    ["a/..", []],
  ])("%j is taken", (name, expected) => {
    expect(entryPath(name)).toEqual(expected);
  });

  it("of 64 KiB of components is cleaned in one pass", () => {
    expect(entryPath("a/../".repeat(200_000))).toEqual([]);
  });
});

describe("what a link leads to", () => {
  it.each([
    ["a/b", "../x", ["x"]],
    ["a/b", "../../x", undefined],
    ["a", "../x", undefined],
    ["a", "b/../../x", undefined],
    ["a/b", "..\\..\\x", undefined],
    ["a", "C:\\x", undefined],
    ["a", "D:", undefined],
    ["a/b", ".", ["a"]],
    ["a", "..", undefined],
    ["a", "/x", ["x"]],
    ["a", "/../../x", ["x"]],
    ["a", "\\x", ["\\x"]],
  ])("of %j to %j is %j", (name, target, expected) => {
    expect(linkTarget(entryPath(name).slice(0, -1), target)).toEqual(expected);
  });
});
