import { describe, expect, it, vi } from "vitest";
import { basicCredentials, checkerOf } from "../../../src/registry/auth/users.js";
import { RegistryOptionsError } from "../../../src/registry/index.js";

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

describe("checkerOf", () => {
  it("judges by a table", async () => {
    const check = checkerOf({ me: "secret", you: "" });
    expect(await check("me", "secret")).toBe(true);
    expect(await check("you", "")).toBe(true);
    expect(await check("me", "Secret")).toBe(false);
    expect(await check("me", "")).toBe(false);
    expect(await check("nobody", "")).toBe(false);
    expect(await check("nobody", "secret")).toBe(false);
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "knows no user %s that nobody made",
    async (name) => {
      const check = checkerOf({ me: "secret" });
      expect(await check(name, "")).toBe(false);
      expect(await check(name, "undefined")).toBe(false);
    },
  );

  it("judges by a function, which may take its time or fail", async () => {
    const judge = vi.fn(async (name: string, password: string) => name === password);
    expect(await checkerOf(judge)("a", "a")).toBe(true);
    expect(await checkerOf(judge)("a", "b")).toBe(false);
    await expect(
      checkerOf(() => {
        throw new Error("the directory is down");
      })("a", "b"),
    ).rejects.toThrow("the directory is down");
  });

  it("refuses a table that lets nobody in, and names that Basic cannot carry", () => {
    for (const users of [{}, { "": "x" }, { "a:b": "x" }]) {
      expect(() => checkerOf(users)).toThrow(RegistryOptionsError);
    }
  });
});

describe("basicCredentials", () => {
  it("reads name and password, which may have colons and any letters", () => {
    expect(basicCredentials(basic("me:secret"))).toEqual({ name: "me", password: "secret" });
    expect(basicCredentials(basic("me:a:b:"))).toEqual({ name: "me", password: "a:b:" });
    expect(basicCredentials(basic(":"))).toEqual({ name: "", password: "" });
    expect(basicCredentials(basic("mé:\u{1f511}"))).toEqual({ name: "mé", password: "\u{1f511}" });
    expect(basicCredentials(`bAsIc   ${Buffer.from("a:b").toString("base64")} `)).toEqual({
      name: "a",
      password: "b",
    });
  });

  it.each(["", "Basic", "Basic ", "Bearer eA==", basic("no colon"), "Basic %%%", "Basic a", "Basic gICA"])(
    "takes %j for none",
    (header) => {
      expect(basicCredentials(header)).toBeUndefined();
    },
  );
});
