import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { concealFailure, concealIn } from "../../../src/remote/transport/conceal.js";

const conceal = (text: string): string => text.replaceAll("s3cret", "REDACTED");

describe("concealIn", () => {
  it("gives a value back in which there is nothing to conceal", () => {
    const value = { a: [1, null, "b", { c: true }] };
    expect(concealIn(value, conceal)).toBe(value);
  });

  it("conceals texts and names of fields, and nothing else", () => {
    const value = JSON.parse(
      '{"a s3cret": ["s3cret!", 1, {"b": "s3cret", "__proto__": "s3cret"}], "c": false}',
    );
    expect(JSON.stringify(concealIn(value, conceal))).toBe(
      '{"a REDACTED":["REDACTED!",1,{"b":"REDACTED","__proto__":"REDACTED"}],"c":false}',
    );
  });

  it("leaves out what is nested deeper than anything is", () => {
    const deep = JSON.parse("[".repeat(30_000) + "]".repeat(30_000));
    expect(JSON.stringify(concealIn(deep, conceal))).toBe(`${"[".repeat(64)}null${"]".repeat(64)}`);
  });
});

describe("concealFailure", () => {
  it.each([
    [
      "an error",
      new TypeError("fetch failed", { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) }),
    ],
    ["several", new AggregateError([new Error("one"), new Error("two")])],
    [
      "an error with a socket",
      Object.assign(new Error("closed"), { socket: { remotePort: 443, bytes: [1, 2] } }),
    ],
    ["an exception of the DOM's", new DOMException("aborted", "AbortError")],
    ["a text", "no"],
    ["nothing", undefined],
  ])("gives %s back in which there is nothing to conceal", (_, failure) => {
    expect(concealFailure(failure, conceal)).toBe(failure);
  });

  it("gives a copy of one with a secret, with the same name, code and fields", () => {
    const failure = Object.assign(new TypeError("fetch of s3cret failed"), {
      code: "ECONNRESET",
      path: "/s3cret",
      errno: -104,
    });
    const copy = concealFailure(failure, conceal) as Error;
    expect(copy).toBeInstanceOf(Error);
    expect(copy).toMatchObject({
      name: "TypeError",
      message: "fetch of REDACTED failed",
      code: "ECONNRESET",
      path: "/REDACTED",
      errno: -104,
    });
    expect(copy.stack).toMatch(/^TypeError: fetch of REDACTED failed\n.*conceal\.test/);
    expect(Object.keys(copy)).toEqual(["code", "path", "errno"]);
    expect(failure.message).toContain("s3cret");
  });

  it.each<[string, unknown]>([
    ["in a cause's cause", new Error("a", { cause: new Error("b", { cause: new Error("s3cret") }) })],
    ["in one of several", new AggregateError([new Error("a"), new Error("s3cret")])],
    ["in settings", Object.assign(new Error("a"), { config: { headers: { Authorization: "s3cret" } } })],
    ["in what a symbol names", Object.assign(new Error("a"), { [Symbol("s")]: "s3cret" })],
    ["in an exception of the DOM's", new DOMException("s3cret", "NetworkError")],
    ["in a text", "s3cret"],
    [
      "in a request",
      Object.assign(new Error("a"), {
        request: new Request("https://x/", { headers: { authorization: "s3cret" } }),
      }),
    ],
    ["in a map", Object.assign(new Error("a"), { map: new Map([["authorization", "s3cret"]]) })],
    ["in what a method gives", Object.assign(new Error("s3cret"), { toJSON: () => "s3cret" })],
  ])("conceals what stands %s", (_, failure) => {
    const copy = concealFailure(failure, conceal);
    const shown = inspect(copy, { showHidden: true, depth: null });
    expect(`${shown}${JSON.stringify(copy)}`).not.toContain("s3cret");
  });

  it("ends with what refers to itself, and with getters that throw", () => {
    const failure: Error & { self?: unknown } = new Error("s3cret");
    failure.self = failure;
    Object.defineProperty(failure, "broken", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    const copy = concealFailure(failure, conceal) as typeof failure;
    expect(copy.self).toBe(copy);
    expect(copy.message).toBe("REDACTED");
  });
});
