import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRepositoryName, isTag } from "../../src/registry/grammar.js";

const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const component = fc
  .array(fc.tuple(fc.constantFrom(".", "_", "__", "-", "--", "---"), word), { maxLength: 3 })
  .chain((rest) => word.map((first) => first + rest.map(([separator, next]) => separator + next).join("")));

describe("isRepositoryName", () => {
  it("takes every name that the grammar builds", () => {
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 4 }), (components) => {
        const name = components.join("/");
        expect(isRepositoryName(name)).toBe(name.length <= 255);
      }),
    );
  });

  it("takes nothing with a character, a component or an end that the grammar lacks", () => {
    const stranger = fc.constantFrom(
      "A",
      "%",
      " ",
      "\\",
      ":",
      "@",
      "?",
      "#",
      "é",
      "\0",
      "\n",
      "..",
      "//",
      "/.",
      "-/",
    );
    fc.assert(
      fc.property(component, stranger, component, (before, middle, after) => {
        expect(isRepositoryName(before + middle + after)).toBe(false);
      }),
    );
  });

  it.each([
    "",
    ".",
    "..",
    "/",
    "a/",
    "/a",
    "a//b",
    "a/../b",
    "./a",
    "a.",
    "-a",
    "a-",
    "_a",
    "a___b",
    "a..b",
    "a._b",
    "a\n",
  ])("refuses %j", (name) => {
    expect(isRepositoryName(name)).toBe(false);
  });

  it("takes 255 characters and refuses 256", () => {
    expect(isRepositoryName("a".repeat(255))).toBe(true);
    expect(isRepositoryName("a".repeat(256))).toBe(false);
  });

  it("answers at once for a long name made to try every way of matching", () => {
    expect(isRepositoryName(`${"a-".repeat(127)}!`)).toBe(false);
    expect(isRepositoryName(`${"-".repeat(100_000)}!`)).toBe(false);
  });

  it("agrees with a reading of the grammar by hand on any text", () => {
    const byHand = (name: string): boolean =>
      name.length <= 255 &&
      name
        .split("/")
        .every(
          (part) =>
            /^[a-z0-9]/.test(part) && /[a-z0-9]$/.test(part) && part.split(/[a-z0-9]+/).every(isSeparator),
        );
    const isSeparator = (text: string): boolean => ["", ".", "_", "__"].includes(text) || /^-+$/.test(text);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(..."ab09._-/A%"), { maxLength: 12 }), (characters) => {
        const name = characters.join("");
        expect(isRepositoryName(name)).toBe(byHand(name));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("isTag", () => {
  it("takes every tag that the grammar builds", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/), (tag) => {
        expect(isTag(tag)).toBe(true);
      }),
    );
  });

  it.each(["", ".a", "-a", "a:b", "a/b", "..", "a b", "é", "a\n", "a".repeat(129)])("refuses %j", (tag) => {
    expect(isTag(tag)).toBe(false);
  });

  it("takes 128 characters", () => {
    expect(isTag("a".repeat(128))).toBe(true);
  });
});
