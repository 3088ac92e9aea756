import { lstatSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AuthConfigError, anonymous, CredentialHelperError } from "../../../src/authn/index.js";
import { NameError } from "../../../src/name/index.js";
import {
  CredentialFileError,
  defaultKeychain,
  eraseCredential,
  storeCredential,
} from "../../../src/node/index.js";
import { resourceOf } from "../../authn/resource.js";
import { entry, useScratch } from "./scratch.js";

const scratch = useScratch();
const file = (): string => scratch.file(".docker/config.json");
const content = (): unknown => JSON.parse(scratch.read(".docker/config.json"));
const options = () => ({ env: scratch.env });

async function found(name: string) {
  const authenticator = await defaultKeychain(options()).resolve(resourceOf(name));
  return authenticator === anonymous ? anonymous : authenticator.authorization();
}

describe("storeCredential", () => {
  it("makes the file and its directory, for their owner alone, and what it stores is found", async () => {
    const credentials = { username: "u", password: "p:\u00e9" };
    expect(await storeCredential(file(), "gcr.io", credentials)).toEqual({
      registry: "gcr.io",
      from: file(),
    });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(scratch.file(".docker")).mode & 0o777).toBe(0o700);
    expect(content()).toEqual({ auths: { "gcr.io": entry("u", "p:\u00e9") } });
    expect(await found("gcr.io/app")).toEqual(credentials);
    expect(scratch.names(".docker")).toEqual(["config.json"]);
  });

  it("keeps everything else in the file, what it does not know and its order included", async () => {
    const before = {
      HttpHeaders: { "X-Meta": "1" },
      auths: { "quay.io": entry("quay"), "gcr.io/team": entry("team"), "https://gcr.io/v1/": entry("old") },
      unknown: [1, { deep: null }],
    };
    scratch.write(".docker/config.json", before);
    await storeCredential(file(), "gcr.io", { username: "new", password: "p" });
    expect(content()).toEqual({
      ...before,
      auths: { "quay.io": entry("quay"), "gcr.io/team": entry("team"), "gcr.io": entry("new") },
    });
    expect(Object.keys(content() as object)).toEqual(["HttpHeaders", "auths", "unknown"]);
  });

  it.each(["docker.io", "index.docker.io", ""])(
    "files Docker Hub, as %j, under its address",
    async (name) => {
      scratch.write(".docker/config.json", { auths: { "docker.io": entry("old"), "index.docker.io": {} } });
      await storeCredential(file(), name, { username: "hub", password: "p" });
      expect(content()).toEqual({ auths: { "https://index.docker.io/v1/": entry("hub") } });
      expect(await found("ubuntu")).toEqual({ username: "hub", password: "p" });
    },
  );

  it("keeps tokens, with and without a user name", async () => {
    await storeCredential(file(), "gcr.io", { username: "u", identityToken: "i" });
    await storeCredential(file(), "quay.io", { registryToken: "r" });
    expect(await found("gcr.io/app")).toEqual({ username: "u", identityToken: "i" });
    expect(await found("quay.io/app")).toEqual({ registryToken: "r" });
  });

  it("makes the mode of a file that others could read 0600, and keeps a symbolic link one", async () => {
    const target = scratch.write("dotfiles/docker.json", {});
    mkdirSync(scratch.file(".docker"));
    symlinkSync("../dotfiles/docker.json", file());
    await storeCredential(file(), "gcr.io", { username: "u", password: "p" });
    expect(lstatSync(file()).isSymbolicLink()).toBe(true);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(await found("gcr.io/app")).toMatchObject({ username: "u" });
  });

  it("loses nothing when many are stored at once", async () => {
    const hosts = Array.from({ length: 20 }, (_, i) => `r${i}.example`);
    await Promise.all(hosts.map((host) => storeCredential(file(), host, { username: host, password: "p" })));
    expect(content()).toEqual({ auths: Object.fromEntries(hosts.map((host) => [host, entry(host)])) });
  });

  it("gives them to the helper that the file names, and lists the registry with an empty entry, as Docker does", async () => {
    scratch.write(".docker/config.json", {
      auths: { "gcr.io": entry("old") },
      credHelpers: { "gcr.io": "own" },
      credsStore: "all",
    });
    for (const name of ["own", "all"]) scratch.helper(name, `echo "${name} $1 $input" >> "$HOME/log"`);
    expect(await storeCredential(file(), "gcr.io", { username: "u", password: "p" }, options())).toEqual({
      registry: "gcr.io",
      from: file(),
      helper: { name: "own", setting: "credHelpers" },
    });
    await storeCredential(file(), "docker.io", { username: "u", identityToken: "t" }, options());
    expect(scratch.read("log").split("\n")).toEqual([
      'own store {"ServerURL":"gcr.io","Username":"u","Secret":"p"}',
      'all store {"ServerURL":"https://index.docker.io/v1/","Username":"<token>","Secret":"t"}',
      "",
    ]);
    expect(content()).toMatchObject({ auths: { "gcr.io": {}, "https://index.docker.io/v1/": {} } });
    expect(scratch.read(".docker/config.json")).not.toContain('auth"');
  });

  it("leaves the file as it was when the helper fails, or cannot keep what it is given", async () => {
    scratch.write(".docker/config.json", { auths: { "gcr.io": entry("old") }, credsStore: "broken" });
    const before = scratch.read(".docker/config.json");
    scratch.helper("broken", "echo locked; exit 1");
    for (const credentials of [{ username: "u", password: "p" }, { registryToken: "r" }, { username: "u" }]) {
      await expect(storeCredential(file(), "gcr.io", credentials, options())).rejects.toThrow(
        CredentialHelperError,
      );
    }
    expect(scratch.read(".docker/config.json")).toBe(before);
  });

  it("refuses what is no registry, no credential, and a file that it does not understand, which stays", async () => {
    const store = (name: string, credentials = {}) => storeCredential(file(), name, credentials);
    await expect(store("user:s3cret@gcr.io", { username: "u" })).rejects.toThrow(NameError);
    await expect(store("gcr.io", {})).rejects.toThrow(AuthConfigError);
    await expect(store("gcr.io", { username: "a:b", password: "p" })).rejects.toThrow(AuthConfigError);
    scratch.write(".docker/config.json", "{ not JSON");
    await expect(store("gcr.io", { username: "u" })).rejects.toThrow(AuthConfigError);
    expect(scratch.read(".docker/config.json")).toBe("{ not JSON");
  });

  it("says so where it cannot write, and leaves nothing beside the file", async () => {
    scratch.write(".docker/config.json/blocked", "");
    await expect(storeCredential(file(), "gcr.io", { username: "u" })).rejects.toThrow(CredentialFileError);
    expect(scratch.names(".docker")).toEqual(["config.json"]);
    const below = scratch.write("file", "");
    await expect(storeCredential(`${below}/config.json`, "gcr.io", { username: "u" })).rejects.toThrow(
      /cannot write credentials to .*\(E/,
    );
  });
});

describe("eraseCredential", () => {
  it("takes out every entry that means the registry, and nothing else", async () => {
    scratch.write(".docker/config.json", {
      auths: {
        "gcr.io": entry("a"),
        "https://gcr.io/v1/": entry("b"),
        "gcr.io/team": entry("team"),
        "quay.io": entry("quay"),
      },
      credsStore: "",
    });
    expect(await eraseCredential(file(), "gcr.io")).toBe(true);
    expect(content()).toEqual({
      auths: { "gcr.io/team": entry("team"), "quay.io": entry("quay") },
      credsStore: "",
    });
    expect(await eraseCredential(file(), "gcr.io")).toBe(false);
  });

  it("has the helper forget them too", async () => {
    scratch.write(".docker/config.json", { auths: { "gcr.io": {} }, credsStore: "all" });
    scratch.helper("all", `echo "$1 $input" >> "$HOME/log"`);
    expect(await eraseCredential(file(), "gcr.io", options())).toBe(true);
    expect(scratch.read("log")).toBe("erase gcr.io\n");
    expect(content()).toEqual({ auths: {}, credsStore: "all" });
  });

  it("writes nothing where there is nothing to take out", async () => {
    expect(await eraseCredential(file(), "gcr.io")).toBe(false);
    expect(() => scratch.read(".docker/config.json")).toThrow();
  });
});
