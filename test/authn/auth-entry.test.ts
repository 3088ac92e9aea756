import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AuthConfigError, marshalAuthConfig, parseAuthEntry } from "../../src/authn/index.js";

const WHOSE = "the credentials for gcr.io in /x/config.json";
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const parse = (entry: unknown) => parseAuthEntry(entry, WHOSE);

function refusal(entry: unknown): AuthConfigError {
  try {
    parse(entry);
  } catch (error) {
    if (error instanceof AuthConfigError) return error;
  }
  throw new Error("not refused");
}

describe("parseAuthEntry", () => {
  it.each([
    ["padded", "dXNlcjpwYXNzd29yZDE="],
    ["not padded", "dXNlcjpwYXNzd29yZDE"],
    ["in two lines", "dXNlcjpw\nYXNzd29yZDE=\n"],
  ])("decodes auth that is %s", (_what, auth) => {
    expect(parse({ auth })).toEqual({ username: "user", password: "password1" });
  });

  it("lets auth win over username and password", () => {
    const entry = { username: "other", password: "wrong", auth: base64("user:right") };
    expect(parse(entry)).toEqual({ username: "user", password: "right" });
  });

  it("takes username and password where there is no auth, or an empty one", () => {
    for (const auth of [{}, { auth: "" }, { auth: null }]) {
      expect(parse({ username: "u", password: "p", ...auth })).toEqual({ username: "u", password: "p" });
    }
  });

  it("ends the user name at the first colon", () => {
    expect(parse({ auth: base64("user:a:b:") })).toEqual({ username: "user", password: "a:b:" });
  });

  it("drops the NULs that old versions of Docker put after passwords", () => {
    expect(parse({ auth: base64("user:pass\0\0") })).toEqual({ username: "user", password: "pass" });
  });

  it("reads names and passwords that are not ASCII, and a byte order mark as part of them", () => {
    expect(parse({ auth: base64("\ufeffj\u00f6rg:\u{1f512}") })).toEqual({
      username: "\ufeffj\u00f6rg",
      password: "\u{1f512}",
    });
  });

  it("keeps auth whose bytes are not UTF-8 as it is, with its padding", () => {
    const auth = Buffer.from("j\u00f6rg:p", "latin1").toString("base64");
    expect(parse({ auth: auth.replace(/=+$/, "") })).toEqual({ auth });
  });

  it("reads tokens, with and without a user name", () => {
    expect(parse({ identitytoken: "i", registrytoken: "r" })).toEqual({
      identityToken: "i",
      registryToken: "r",
    });
    expect(parse({ auth: base64("user:"), identitytoken: "i" })).toEqual({
      username: "user",
      identityToken: "i",
    });
  });

  it("gives nothing for an empty entry, and passes over what it does not know", () => {
    expect(parse({})).toEqual({});
    expect(parse({ email: "a@b.example", auth: "", serveraddress: 1 })).toEqual({});
  });

  it("is not misled by what an object inherits", () => {
    expect(parse(JSON.parse('{"__proto__":{"username":"evil"},"password":"p"}'))).toEqual({ password: "p" });
  });

  it.each([
    ["a text", "dXNlcjpwYXNz", "are not a JSON object"],
    ["an array", [], "are not a JSON object"],
    ["null", null, "are not a JSON object"],
    ["a number for a password", { password: 1234567 }, "password is not a string"],
    ["an object for a token", { identitytoken: { s3cret: 1 } }, "identitytoken is not a string"],
    ["auth that is not base64", { auth: "s3cret!!" }, "auth is not base64 of username:password"],
    ["auth of the wrong length", { auth: "abcde" }, "auth is not base64 of username:password"],
    ["auth without a colon", { auth: base64("s3cret") }, "auth is not base64 of username:password"],
    ["a registry token of two lines", { registrytoken: "s3cret\ns3cret" }, "the registry token has a space"],
  ])("refuses %s, says whose it is, and repeats nothing of it", (_what, entry, text) => {
    const error = refusal(entry);
    expect(error.code).toBe("ERR_VARVE_AUTH_CONFIG");
    expect(error.message).toContain(`${WHOSE}`);
    expect(error.message).toContain(text);
    expect(error.message).not.toMatch(/s3cret|1234567|abcde|dXNl|czNjcmV0/);
    expect(error.cause).toBeUndefined();
  });

  it("refuses what is not an entry with its own error only, and what it accepts can be stored again", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.record({ auth: fc.base64String(), username: fc.string(), identitytoken: fc.string() }),
        ),
        (entry) => {
          try {
            const config = parse(entry);
            if (!config.username?.includes(":")) expect(parse(marshalAuthConfig(config))).toEqual(config);
          } catch (error) {
            expect(error).toBeInstanceOf(AuthConfigError);
          }
        },
      ),
    );
  });
});

describe("marshalAuthConfig", () => {
  it("writes auth, whatever it was before", () => {
    expect(marshalAuthConfig({ username: "user", password: "password1", auth: "stale" })).toEqual({
      username: "user",
      password: "password1",
      auth: "dXNlcjpwYXNzd29yZDE=",
    });
    expect(marshalAuthConfig({ auth: "dTpw" })).toEqual({ auth: "dTpw" });
  });

  it("makes no auth of a token alone: an empty name with an empty password is not a credential", () => {
    expect(marshalAuthConfig({ identityToken: "i", registryToken: "r", username: "" })).toEqual({
      identitytoken: "i",
      registrytoken: "r",
    });
  });

  it("refuses a user name with a colon, which would become part of the password", () => {
    expect(() => marshalAuthConfig({ username: "a:b", password: "s3cret" })).toThrow(AuthConfigError);
  });

  it("is read back as it was", () => {
    const filled = fc.string({ unit: "grapheme", minLength: 1 });
    const name = filled.filter((text) => !text.includes(":"));
    // A NUL at the end is padding, and half a surrogate pair is no text.
    const password = filled.filter((text) => !text.endsWith("\0"));
    fc.assert(
      fc.property(fc.record({ username: name, password, identityToken: filled }), (config) => {
        expect(parse(JSON.parse(JSON.stringify(marshalAuthConfig(config))))).toEqual(config);
      }),
    );
  });
});
