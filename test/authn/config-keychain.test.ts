import { describe, expect, it, vi } from "vitest";
import {
  AuthConfigError,
  anonymous,
  type ConfigKeychainOptions,
  CredentialHelperError,
  type Helper,
  keychainFromConfig,
  parseDockerConfig,
} from "../../src/authn/index.js";
import { resourceOf } from "./resource.js";

const entry = (username: string) => ({ auth: Buffer.from(`${username}:p`).toString("base64") });

function configOf(settings: unknown) {
  return parseDockerConfig(JSON.stringify(settings), "/x/config.json");
}

async function userFor(name: string, settings: unknown, options: ConfigKeychainOptions = {}) {
  const found = await keychainFromConfig(configOf(settings), options).resolve(resourceOf(name));
  return found === anonymous ? anonymous : (await found.authorization()).username;
}

/** Helpers that have, by name, something for some servers. */
function helpers(contents: Record<string, Record<string, string>>) {
  const asked: string[] = [];
  const helper = (name: string): Helper => ({
    get: async (server) => {
      asked.push(`${name} ${server}`);
      const username = contents[name]?.[server];
      return username === undefined ? undefined : { username, secret: "p" };
    },
  });
  return { asked, helper };
}

describe("keychainFromConfig, with entries", () => {
  it("finds a repository's own credentials before those of its registry", async () => {
    const auths = { "gcr.io": entry("host"), "gcr.io/project/image": entry("image") };
    expect(await userFor("gcr.io/project/image", { auths })).toBe("image");
    expect(await userFor("gcr.io/project/other", { auths })).toBe("host");
    expect(await userFor("gcr.io", { auths })).toBe("host");
  });

  it.each(["https://index.docker.io/v1/", "index.docker.io", "docker.io", "https://docker.io"])(
    "finds those for Docker Hub under %s",
    async (key) => {
      expect(await userFor("ubuntu", { auths: { [key]: entry("hub") } })).toBe("hub");
      expect(await userFor("docker.io/team/app", { auths: { [key]: entry("hub") } })).toBe("hub");
      expect(await userFor("gcr.io/docker.io", { auths: { [key]: entry("hub") } })).toBe(anonymous);
    },
  );

  it("finds those under an address of the registry", async () => {
    expect(await userFor("gcr.io/app", { auths: { "https://gcr.io/v2/": entry("host") } })).toBe("host");
  });

  it("is anonymous for an empty entry, and for a registry without one", async () => {
    const auths = { "gcr.io": {}, "quay.io": { auth: "" }, "ghcr.io": { auth: "Og==" } };
    for (const name of ["gcr.io/app", "quay.io/app", "ghcr.io/app", "other.example/app"]) {
      expect(await userFor(name, { auths })).toBe(anonymous);
    }
  });

  it("looks past an empty entry", async () => {
    const auths = { "gcr.io/app": {}, "gcr.io": entry("host") };
    expect(await userFor("gcr.io/app", { auths })).toBe("host");
  });

  it("gives identity tokens and registry tokens as they are", async () => {
    const auths = { "gcr.io": { identitytoken: "i" }, "quay.io": { registrytoken: "r" } };
    const keychain = keychainFromConfig(configOf({ auths }));
    const identity = await keychain.resolve(resourceOf("gcr.io/app"));
    expect(await identity.authorization()).toEqual({ identityToken: "i" });
    const registry = await keychain.resolve(resourceOf("quay.io/app"));
    expect(await registry.authorization()).toEqual({ registryToken: "r" });
  });

  it("refuses a broken entry when it is the one that is needed, and names file and registry", async () => {
    const settings = { auths: { "gcr.io": { auth: "s3cret!" }, "quay.io": entry("quay") } };
    expect(await userFor("quay.io/app", settings)).toBe("quay");
    const refused = userFor("gcr.io/app", settings, { source: "/x/config.json" });
    await expect(refused).rejects.toThrow(AuthConfigError);
    await expect(refused).rejects.toThrow("the credentials for gcr.io in /x/config.json");
    await expect(refused).rejects.toThrow(/^(?!.*s3cret)/s);
  });

  it("tells where it found them, each time, and says nothing where it found none", async () => {
    const onSource = vi.fn();
    const keychain = keychainFromConfig(configOf({ auths: { "gcr.io": entry("u") } }), {
      source: "/x/config.json",
      onSource,
    });
    await keychain.resolve(resourceOf("gcr.io/app"));
    await keychain.resolve(resourceOf("quay.io/app"));
    await keychain.resolve(resourceOf("gcr.io/app"));
    const told = [{ registry: "gcr.io", from: "/x/config.json" }];
    expect(onSource.mock.calls).toEqual([told, told]);
  });
});

describe("keychainFromConfig, with helpers", () => {
  it("asks the registry's own helper, or the one for all, before it looks at entries", async () => {
    const settings = {
      auths: { "gcr.io": entry("file"), "quay.io": entry("file"), "ghcr.io": entry("file") },
      credHelpers: { "gcr.io": "own" },
      credsStore: "all",
    };
    const { asked, helper } = helpers({ own: { "gcr.io": "own" }, all: { "quay.io": "all" } });
    expect(await userFor("gcr.io/a/b", settings, { helper })).toBe("own");
    expect(await userFor("quay.io/a/b", settings, { helper })).toBe("all");
    expect(await userFor("ghcr.io/a/b", settings, { helper })).toBe("file");
    expect(asked).toEqual(["own gcr.io", "all quay.io", "all ghcr.io"]);
  });

  it("asks for Docker Hub by its address, whatever it is called in credHelpers", async () => {
    for (const key of ["https://index.docker.io/v1/", "docker.io", "index.docker.io"]) {
      const { asked, helper } = helpers({ own: { "https://index.docker.io/v1/": "hub" } });
      expect(await userFor("ubuntu", { credHelpers: { [key]: "own" } }, { helper })).toBe("hub");
      expect(asked).toEqual(["own https://index.docker.io/v1/"]);
    }
  });

  it("asks none for a registry whose own is the empty name", async () => {
    const settings = { auths: { "gcr.io": entry("file") }, credHelpers: { "gcr.io": "" }, credsStore: "all" };
    const { asked, helper } = helpers({ all: { "gcr.io": "all" } });
    expect(await userFor("gcr.io/app", settings, { helper })).toBe("file");
    expect(asked).toEqual([]);
  });

  it("takes the name <token> for an identity token, and an empty answer for none", async () => {
    const keychain = (username: string, secret: string) =>
      keychainFromConfig(configOf({ credsStore: "x" }), {
        helper: () => ({ get: async () => ({ username, secret }) }),
      });
    const found = await keychain("<token>", "t").resolve(resourceOf("gcr.io/app"));
    expect(await found.authorization()).toEqual({ identityToken: "t" });
    expect(await keychain("", "").resolve(resourceOf("gcr.io/app"))).toBe(anonymous);
  });

  it("throws what the helper throws", async () => {
    const failure = new CredentialHelperError("x", "broken");
    const helper = () => ({ get: () => Promise.reject(failure) });
    const settings = { credsStore: "x", auths: { "gcr.io": entry("file") } };
    await expect(userFor("gcr.io/app", settings, { helper })).rejects.toBe(failure);
  });

  it("says what to do where no helper can be run", async () => {
    const refused = userFor("gcr.io/app", { credsStore: "desktop" }, { source: "/x/config.json" });
    await expect(refused).rejects.toMatchObject({
      code: "ERR_VARVE_CREDENTIAL_HELPER",
      helper: "desktop",
      message: expect.stringMatching(/^\/x\/config\.json: .*gcr\.io.*varve\/node/),
    });
  });

  it("tells which helper gave them", async () => {
    const onSource = vi.fn();
    const { helper } = helpers({ own: { "gcr.io": "u" }, all: { "quay.io": "u" } });
    const settings = { credHelpers: { "gcr.io": "own" }, credsStore: "all" };
    const options = { source: "/x/config.json", helper, onSource };
    await userFor("gcr.io/app", settings, options);
    await userFor("quay.io/app", settings, options);
    expect(onSource.mock.calls).toEqual([
      [{ registry: "gcr.io", from: "/x/config.json", helper: { name: "own", setting: "credHelpers" } }],
      [{ registry: "quay.io", from: "/x/config.json", helper: { name: "all", setting: "credsStore" } }],
    ]);
  });
});

describe("keychainFromConfig, with a function", () => {
  it("asks it each time, with the signal, and is anonymous where it gives nothing", async () => {
    const config = configOf({ auths: { "gcr.io": entry("u") } });
    const supplier = vi.fn().mockReturnValueOnce(undefined).mockResolvedValueOnce(config);
    const keychain = keychainFromConfig(supplier);
    const { signal } = new AbortController();
    expect(await keychain.resolve(resourceOf("gcr.io/app"))).toBe(anonymous);
    expect(await keychain.resolve(resourceOf("gcr.io/app"), { signal })).not.toBe(anonymous);
    expect(supplier).toHaveBeenLastCalledWith({ signal });
  });

  it("throws what it throws", async () => {
    const keychain = keychainFromConfig(() => {
      throw new Error("cannot be read");
    });
    await expect(keychain.resolve(resourceOf("gcr.io/app"))).rejects.toThrow("cannot be read");
  });

  it.each(["the function", "the helper"])(
    "gives up at once when the signal is aborted, even if %s hangs",
    async (what) => {
      const never = () => new Promise<never>(() => undefined);
      const keychain =
        what === "the function"
          ? keychainFromConfig(never)
          : keychainFromConfig(configOf({ credsStore: "x" }), { helper: () => ({ get: never }) });
      const controller = new AbortController();
      const asked = keychain.resolve(resourceOf("gcr.io/app"), controller);
      const reason = new Error("enough");
      controller.abort(reason);
      await expect(asked).rejects.toBe(reason);
      await expect(keychain.resolve(resourceOf("gcr.io/app"), controller)).rejects.toBe(reason);
    },
  );
});
