import { describe, expect, it, vi } from "vitest";
import {
  anonymous,
  type Helper,
  type Keychain,
  newBasic,
  newGithubKeychain,
  newKeychainFromHelper,
  newMultiKeychain,
} from "../../src/authn/index.js";
import { resourceOf } from "./resource.js";

const resource = resourceOf("registry.example/app");
const user = newBasic("user", "pass");
const other = newBasic("other", "pass");
const giving = (found: typeof anonymous) => ({ resolve: vi.fn<Keychain["resolve"]>(async () => found) });

describe("newMultiKeychain", () => {
  it("gives what the first keychain has that has any, and asks none after it", async () => {
    const [none, first, second] = [giving(anonymous), giving(user), giving(other)];
    expect(await newMultiKeychain(none, first, second).resolve(resource)).toBe(user);
    expect(none.resolve).toHaveBeenCalledOnce();
    expect(second.resolve).not.toHaveBeenCalled();
  });

  it("is anonymous if none has any, or there are none", async () => {
    expect(await newMultiKeychain(giving(anonymous), giving(anonymous)).resolve(resource)).toBe(anonymous);
    expect(await newMultiKeychain().resolve(resource)).toBe(anonymous);
  });

  it("ends with a keychain that fails", async () => {
    const failure = new Error("broken file");
    const failing: Keychain = { resolve: () => Promise.reject(failure) };
    const after = giving(user);
    await expect(newMultiKeychain(giving(anonymous), failing, after).resolve(resource)).rejects.toBe(failure);
    expect(after.resolve).not.toHaveBeenCalled();
  });

  it("hands on resource and signal, and asks nobody when that is aborted", async () => {
    const inner = giving(anonymous);
    const controller = new AbortController();
    await newMultiKeychain(inner).resolve(resource, controller);
    expect(inner.resolve).toHaveBeenCalledWith(resource, controller);
    controller.abort(new Error("enough"));
    await expect(newMultiKeychain(inner).resolve(resource, controller)).rejects.toThrow("enough");
    expect(inner.resolve).toHaveBeenCalledOnce();
  });
});

describe("newKeychainFromHelper", () => {
  const keychain = (get: Helper["get"]): Keychain => newKeychainFromHelper({ get });

  it("asks for the registry's host, and for Docker Hub's address", async () => {
    const get = vi.fn<Helper["get"]>(async () => undefined);
    for (const name of ["registry.example:5000/app", "ubuntu", "docker.io/library/ubuntu", "ghcr.io"]) {
      expect(await keychain(get).resolve(resourceOf(name))).toBe(anonymous);
    }
    expect(get.mock.calls.map(([server]) => server)).toEqual([
      "registry.example:5000",
      "https://index.docker.io/v1/",
      "https://index.docker.io/v1/",
      "ghcr.io",
    ]);
  });

  it("gives a name and a password, or an identity token for the name <token>", async () => {
    const basic = await keychain(async () => ({ username: "u", secret: "p" })).resolve(resource);
    expect(await basic.authorization()).toEqual({ username: "u", password: "p" });
    const token = await keychain(async () => ({ username: "<token>", secret: "t" })).resolve(resource);
    expect(await token.authorization()).toEqual({ identityToken: "t" });
  });

  it("is anonymous if the helper fails, at once or later, or has an empty answer", async () => {
    const failing = keychain(() => Promise.reject(new Error("not on this cloud")));
    expect(await failing.resolve(resource)).toBe(anonymous);
    const throwing = keychain(() => {
      throw new Error("not on this cloud");
    });
    expect(await throwing.resolve(resource)).toBe(anonymous);
    const empty = keychain(async () => ({ username: "", secret: "" }));
    expect(await empty.resolve(resource)).toBe(anonymous);
  });

  it("gives up when the signal is aborted, even if the helper does not care", async () => {
    const controller = new AbortController();
    const asked = keychain(() => new Promise(() => undefined)).resolve(resource, controller);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });
});

describe("newGithubKeychain", () => {
  it("has the token of the environment for ghcr.io, and for nothing else", async () => {
    const keychain = newGithubKeychain({ GITHUB_TOKEN: "t", GITHUB_ACTOR: "octocat" });
    const found = await keychain.resolve(resourceOf("ghcr.io/team/app"));
    expect(await found.authorization()).toEqual({ username: "octocat", password: "t" });
    for (const name of ["ghcr.io.example/app", "docker.pkg.github.com/app", "ghcr.io:8443/app"]) {
      expect(await keychain.resolve(resourceOf(name))).toBe(anonymous);
    }
  });

  it("calls a user that it does not know unset", async () => {
    const found = await newGithubKeychain({ GITHUB_TOKEN: "t" }).resolve(resourceOf("ghcr.io/app"));
    expect(await found.authorization()).toEqual({ username: "unset", password: "t" });
  });

  it("looks at the environment each time, and tells where the token came from", async () => {
    const environment: { GITHUB_TOKEN?: string } = {};
    const onSource = vi.fn();
    const keychain = newGithubKeychain(() => environment, { onSource });
    expect(await keychain.resolve(resourceOf("ghcr.io/app"))).toBe(anonymous);
    expect(onSource).not.toHaveBeenCalled();
    environment.GITHUB_TOKEN = "t";
    expect(await keychain.resolve(resourceOf("ghcr.io/app"))).not.toBe(anonymous);
    expect(onSource.mock.calls).toEqual([
      [{ registry: "ghcr.io", from: "the environment variable GITHUB_TOKEN" }],
    ]);
  });
});
