import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  AuthConfigError,
  anonymous,
  CredentialHelperError,
  type CredentialSource,
  describeSource,
} from "../../../src/authn/index.js";
import {
  CredentialFileError,
  configPaths,
  type DefaultKeychainOptions,
  defaultKeychain,
} from "../../../src/node/index.js";
import { resourceOf } from "../../authn/resource.js";
import { entry, useScratch } from "./scratch.js";

const scratch = useScratch();

/** The user name for a registry, and what was told about it. */
async function look(name: string, options: DefaultKeychainOptions = {}) {
  const sources: CredentialSource[] = [];
  const keychain = defaultKeychain({
    env: scratch.env,
    onSource: (source) => sources.push(source),
    ...options,
  });
  const found = await keychain.resolve(resourceOf(name));
  const user = found === anonymous ? anonymous : (await found.authorization()).username;
  return { user, told: sources.map(describeSource) };
}

describe("configPaths", () => {
  it("are in the documented order", () => {
    const env = {
      REGISTRY_AUTH_FILE: "/r/auth.json",
      DOCKER_CONFIG: "/d",
      XDG_RUNTIME_DIR: "/run/1",
      XDG_CONFIG_HOME: "/c",
    };
    expect(configPaths({ env, authFile: "/e.json" })).toEqual([
      { path: "/e.json", required: true },
      { path: "/r/auth.json", required: false },
      { path: "/d/config.json", required: false },
      { path: "/run/1/containers/auth.json", required: false },
      { path: "/c/containers/auth.json", required: false },
    ]);
  });

  it.each([{}, { REGISTRY_AUTH_FILE: "", DOCKER_CONFIG: "", XDG_RUNTIME_DIR: "", XDG_CONFIG_HOME: "" }])(
    "are below the user's directory where the environment says nothing, or nothing but that",
    (env) => {
      const expected = ["/h/.docker/config.json", "/h/.config/containers/auth.json"];
      expect(configPaths({ env, home: "/h" }).map(({ path }) => path)).toEqual(expected);
      expect(configPaths({ env: { ...env, HOME: "/h" } }).map(({ path }) => path)).toEqual(expected);
    },
  );

  it("are those of this process by default", () => {
    expect(configPaths().map(({ path }) => path)).toEqual(
      configPaths({ env: process.env }).map(({ path }) => path),
    );
  });
});

describe("defaultKeychain", () => {
  it("is anonymous where there is no file at all", async () => {
    expect(await look("gcr.io/app")).toEqual({ user: anonymous, told: [] });
  });

  it("searches the files in their order, and leaves a registry that one has nothing for to the next", async () => {
    const env = {
      ...scratch.env,
      REGISTRY_AUTH_FILE: scratch.write("registry.json", { auths: { "a.example": entry("registry") } }),
      XDG_RUNTIME_DIR: scratch.file("run"),
    };
    const auths = (names: string[], user: string) => ({
      auths: Object.fromEntries(names.map((name) => [`${name}.example`, entry(user)])),
    });
    const explicit = scratch.write("explicit.json", { auths: { "x.example": entry("explicit") } });
    scratch.write(".docker/config.json", auths(["x", "a", "b"], "docker"));
    scratch.write("run/containers/auth.json", auths(["x", "a", "b", "c"], "runtime"));
    scratch.write(".config/containers/auth.json", auths(["x", "a", "b", "c", "d"], "config"));
    const users: unknown[] = [];
    for (const name of ["x", "a", "b", "c", "d", "e"]) {
      users.push((await look(`${name}.example/app`, { env, authFile: explicit })).user);
    }
    expect(users).toEqual(["explicit", "registry", "docker", "runtime", "config", anonymous]);
  });

  it("finds a login of podman behind a Docker configuration that is empty, or has an empty entry", async () => {
    scratch.write(".config/containers/auth.json", { auths: { "quay.io/team": entry("podman") } });
    for (const content of [
      "",
      "{}",
      { auths: { "quay.io": {} } },
      { auths: { "gcr.io": entry("docker") } },
    ]) {
      scratch.write(".docker/config.json", content);
      expect(await look("quay.io/team/app")).toEqual({
        user: "podman",
        told: [`credentials for quay.io: from ${scratch.file(".config/containers/auth.json")}`],
      });
    }
  });

  it("lets DOCKER_CONFIG stand for ~/.docker", async () => {
    scratch.write(".docker/config.json", { auths: { "gcr.io": entry("home") } });
    scratch.write("other/config.json", { auths: { "gcr.io": entry("other") } });
    const env = { ...scratch.env, DOCKER_CONFIG: scratch.file("other") };
    expect((await look("gcr.io/app", { env })).user).toBe("other");
  });

  it("reads the files anew each time", async () => {
    const keychain = defaultKeychain({ env: scratch.env });
    const resource = resourceOf("gcr.io/app");
    expect(await keychain.resolve(resource)).toBe(anonymous);
    scratch.write(".docker/config.json", { auths: { "gcr.io": entry("u", "first") } });
    const first = await keychain.resolve(resource);
    scratch.write(".docker/config.json", { auths: { "gcr.io": entry("u", "second") } });
    const second = await keychain.resolve(resource);
    expect((await first.authorization()).password).toBe("first");
    expect((await second.authorization()).password).toBe("second");
  });

  it("runs the helper that a file names, tells which, and goes on to the next file where it has nothing", async () => {
    const file = scratch.write(".docker/config.json", {
      credHelpers: { "gcr.io": "own" },
      credsStore: "all",
    });
    scratch.write(".config/containers/auth.json", { auths: { "ghcr.io": entry("podman") } });
    scratch.helper("own", `echo '{"Username":"own","Secret":"s"}'`);
    scratch.helper(
      "all",
      `[ "$input" = quay.io ] && echo '{"Username":"all","Secret":"s"}' && exit; echo credentials not found in native keychain; exit 1`,
    );
    expect(await look("gcr.io/app")).toEqual({
      user: "own",
      told: [`credentials for gcr.io: from ${file} (credHelpers own)`],
    });
    expect(await look("quay.io/app")).toEqual({
      user: "all",
      told: [`credentials for quay.io: from ${file} (credsStore all)`],
    });
    expect((await look("ghcr.io/app")).user).toBe("podman");
  });

  it("fails where a helper is missing, or its name leads elsewhere", async () => {
    scratch.write(".docker/config.json", { credsStore: "missing" });
    await expect(look("gcr.io/app")).rejects.toThrow(/docker-credential-missing.*install it/);
    scratch.write(".docker/config.json", { credsStore: "../../evil" });
    await expect(look("gcr.io/app")).rejects.toThrow(CredentialHelperError);
  });

  it("ends a helper that takes longer than it may", async () => {
    scratch.write(".docker/config.json", { credsStore: "slow" });
    scratch.helper("slow", "exec sleep 60");
    await expect(look("gcr.io/app", { helperTimeout: 100 })).rejects.toThrow("within 0.1 seconds");
  });

  it("fails at a file that cannot be understood, but only if it comes to that", async () => {
    const env = { ...scratch.env, REGISTRY_AUTH_FILE: scratch.file("first.json") };
    scratch.write("first.json", { auths: { "gcr.io": entry("first") } });
    const broken = scratch.write(".docker/config.json", '{"auths": {"quay.io": {"auth": s3cret');
    expect((await look("gcr.io/app", { env })).user).toBe("first");
    const refused = look("quay.io/app", { env });
    await expect(refused).rejects.toThrow(AuthConfigError);
    await expect(refused).rejects.toThrow(`${broken} is not valid JSON`);
  });

  it("fails if the file that it is told of is not there, and goes on if the environment names one that is not", async () => {
    const missing = scratch.file("missing.json");
    await expect(look("gcr.io/app", { authFile: missing })).rejects.toThrow(`there is no file ${missing}`);
    await expect(look("gcr.io/app", { authFile: missing })).rejects.toThrow(CredentialFileError);
    scratch.write(".docker/config.json", { auths: { "gcr.io": entry("docker") } });
    const env = { ...scratch.env, REGISTRY_AUTH_FILE: missing };
    expect((await look("gcr.io/app", { env })).user).toBe("docker");
  });

  it("takes /dev/null for an empty file, and what lies below a file for absent", async () => {
    scratch.write(".docker", "a file");
    const env = { ...scratch.env, REGISTRY_AUTH_FILE: "/dev/null" };
    expect((await look("gcr.io/app", { env })).user).toBe(anonymous);
  });

  it("reads through a symbolic link, and past a byte order mark", async () => {
    const content = JSON.stringify({ auths: { "gcr.io": entry("linked") } });
    const target = scratch.write("dotfiles/docker.json", `\ufeff${content}`);
    mkdirSync(scratch.file(".docker"));
    symlinkSync(target, scratch.file(".docker/config.json"));
    expect((await look("gcr.io/app")).user).toBe("linked");
  });

  it("refuses a directory, a pipe, a file that is too large, and one that is not text", async () => {
    const refused = async (text: string) => {
      await expect(look("gcr.io/app", { authFile: scratch.file("it") })).rejects.toThrow(text);
      await expect(look("gcr.io/app", { authFile: scratch.file("it") })).rejects.toThrow(CredentialFileError);
      execFileSync("rm", ["-r", scratch.file("it")]);
    };
    mkdirSync(scratch.file("it"));
    await refused("EISDIR");
    execFileSync("mkfifo", [scratch.file("it")]);
    await refused("is a pipe");
    scratch.write("it", " ".repeat(4 * 1024 * 1024 + 1));
    await refused("is larger than 4194304 bytes");
    execFileSync("sh", ["-c", `printf '{"a":"\\377"}' > "$0"`, scratch.file("it")]);
    await refused("is not text in UTF-8");
  });

  it.skipIf(process.getuid?.() === 0)("says so of a file that must not be read", async () => {
    chmodSync(scratch.write(".docker/config.json", "{}"), 0);
    await expect(look("gcr.io/app")).rejects.toThrow("(EACCES); make it readable");
  });

  it("gives up when the signal is aborted", async () => {
    scratch.write(".docker/config.json", { credsStore: "slow" });
    scratch.helper("slow", `touch "$HOME/started"; exec sleep 60`);
    const controller = new AbortController();
    const asked = defaultKeychain({ env: scratch.env }).resolve(resourceOf("gcr.io/app"), controller);
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 50);
    await expect(asked).rejects.toBe(reason);
  });
});
