import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AuthConfigError, parseDockerConfig } from "../../src/authn/index.js";

const parse = (text: string) => parseDockerConfig(text, "/home/u/.docker/config.json");

function refusal(text: string): AuthConfigError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof AuthConfigError) return error;
  }
  throw new Error("not refused");
}

describe("parseDockerConfig", () => {
  it("reads entries and helpers, and passes over the rest", () => {
    const config = parse(
      JSON.stringify({
        auths: { "gcr.io": { auth: "dTpw" } },
        credHelpers: { "quay.io": "pass" },
        credsStore: "desktop",
        HttpHeaders: { "User-Agent": "x" },
        currentContext: "default",
      }),
    );
    expect(Object.fromEntries(config.auths)).toEqual({ "gcr.io": { auth: "dTpw" } });
    expect(Object.fromEntries(config.credHelpers)).toEqual({ "quay.io": "pass" });
    expect(config.credsStore).toBe("desktop");
  });

  it.each(["", "  \n", "{}", "null", '{"auths":null,"credHelpers":null,"credsStore":null}'])(
    "takes %j for an empty configuration",
    (text) => {
      const { auths, credHelpers, credsStore } = parse(text);
      expect([auths.size, credHelpers.size, credsStore]).toEqual([0, 0, undefined]);
    },
  );

  it("takes __proto__ for a key like any other", () => {
    const { auths } = parse('{"auths":{"__proto__":{"auth":"dTpw"}}}');
    expect([...auths.keys()]).toEqual(["__proto__"]);
  });

  it.each([
    ["an array", "[]", "the whole of it is not a JSON object"],
    ["a text", '"s3cret"', "the whole of it is not a JSON object"],
    ["entries that are an array", '{"auths":["s3cret"]}', "auths is not a JSON object"],
    ["helpers that are a text", '{"credHelpers":"s3cret"}', "credHelpers is not a JSON object"],
    ["a helper that is no name", '{"credHelpers":{"a":{"s3cret":1}}}', "credHelpers has something else"],
    ["a store that is no name", '{"credsStore":["s3cret"]}', "credsStore is not a string"],
    ["JSON that is cut off", '{"auths":{"gcr.io":{"password":"s3cret', "is not valid JSON"],
    ["JSON with a stray word", '{"auths":{"gcr.io":{"password":s3cret}}}', "is not valid JSON"],
    ["no JSON at all", "s3cret", "is not valid JSON"],
  ])("refuses %s, names the file, and repeats nothing of it", (_what, text, problem) => {
    const error = refusal(text);
    expect(error.message).toContain("/home/u/.docker/config.json");
    expect(error.message).toContain(problem);
    expect(`${error.stack} ${error.cause}`).not.toContain("s3cr");
  });

  it("refuses any other text with its own error, of which no part is in the message", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AuthConfigError);
          expect((error as AuthConfigError).message.includes(text)).toBe(false);
        }
      }),
    );
  });

  it("makes a file's name fit for a message", () => {
    expect(() => parseDockerConfig("[", "/tmp/\u001b[2J")).toThrow('"/tmp/\\u001b[2J" is not valid JSON');
  });
});
