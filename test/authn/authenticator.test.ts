import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  AuthConfigError,
  type Authenticator,
  anonymous,
  fromConfig,
  newBasic,
  newBearer,
  newGithubKeychain,
  newRefreshingKeychain,
} from "../../src/authn/index.js";
import { resourceOf } from "./resource.js";

describe("authenticators", () => {
  it("show a name and a password, a token, or what they are given", async () => {
    expect(await newBasic("user", "pass").authorization()).toEqual({ username: "user", password: "pass" });
    expect(await newBearer("token").authorization()).toEqual({ registryToken: "token" });
    const config = { auth: "dTpw", identityToken: "i", password: undefined, username: "" };
    expect(await fromConfig(config).authorization()).toEqual({ auth: "dTpw", identityToken: "i" });
  });

  it("show nothing if anonymous, of which there is one", async () => {
    expect(await anonymous.authorization()).toEqual({});
    expect(newBasic("", "")).not.toBe(anonymous);
  });

  it("keep what they were made of, whatever becomes of that", async () => {
    const config = { username: "user", password: "pass" };
    const authenticator = fromConfig(config);
    config.password = "changed";
    const shown = await authenticator.authorization();
    expect(shown.password).toBe("pass");
    expect(Object.isFrozen(shown)).toBe(true);
    expect(Object.isFrozen(authenticator)).toBe(true);
  });

  it("give up when the signal is aborted", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(newBasic("user", "pass").authorization({ signal })).rejects.toBe(reason);
  });

  it.each(["s3cret\n", "s3 cret", "s3cret\u00e9", "\ts3cret"])(
    "refuse a token that no header can hold, and don't repeat it",
    (token) => {
      expect(() => newBearer(token)).toThrow(AuthConfigError);
      expect(() => newBearer(token)).toThrow(/^(?!.*cret)/s);
    },
  );

  it("refuse auth that is not base64, and don't repeat it", () => {
    expect(() => fromConfig({ auth: "s3cret!" })).toThrow(AuthConfigError);
    expect(() => fromConfig({ auth: "s3cret!" })).toThrow(/^(?!.*cret)/s);
  });
});

describe("secrets in a log", () => {
  const secrets: readonly (readonly [string, () => Authenticator | Promise<Authenticator>])[] = [
    ["newBasic", () => newBasic("user", "s3cret")],
    ["newBearer", () => newBearer("s3cret")],
    ["fromConfig", () => fromConfig({ username: "user", password: "s3cret", identityToken: "s3cret" })],
    [
      "a refreshing keychain",
      () =>
        newRefreshingKeychain(newGithubKeychain({ GITHUB_TOKEN: "s3cret" }), 1).resolve(
          resourceOf("ghcr.io"),
        ),
    ],
  ];

  it.each(secrets)("does not show those of %s, however it is printed", async (_what, make) => {
    const authenticator = await make();
    const printed = [
      String(authenticator),
      JSON.stringify({ authenticator }),
      inspect(authenticator, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }),
      JSON.stringify(Object.entries(authenticator)),
    ].join("\n");
    expect(printed).not.toContain("s3cret");
    expect(JSON.stringify(await authenticator.authorization())).toContain("s3cret");
  });

  it("does not show those of a keychain", () => {
    const keychain = newGithubKeychain({ GITHUB_TOKEN: "s3cret" });
    expect(inspect(keychain, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain("s3cret");
  });
});
