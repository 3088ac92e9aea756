import { describe, expect, it } from "vitest";
import {
  fromConfig,
  keychainFromConfig,
  newBasic,
  newBearer,
  newGithubKeychain,
  newKeychainFromHelper,
  newMultiKeychain,
  newRefreshingKeychain,
  parseDockerConfig,
} from "../../../src/authn/index.js";
import { defaultKeychain, newFetch, serveRegistry } from "../../../src/node/index.js";
import { fetchOf, newRegistry } from "../../../src/registry/index.js";
import * as remote from "../../../src/remote/index.js";
import { app, prepare } from "./flows.js";
import { kinds } from "./kinds.js";
import { Secrets, unmistakable } from "./secrets.js";
import { USER, World } from "./world.js";

const password = unmistakable("password");
const secrets = new Secrets();
secrets.add("password", password);
secrets.add("token", "token-Zq7-inspected");

const users = { [USER]: password };
const encoded = Buffer.from(`${USER}:${password}`).toString("base64");
const config = parseDockerConfig(JSON.stringify({ auths: { "ghcr.io": { auth: encoded } } }), "config.json");
const fromFile = keychainFromConfig(config);
const fromHelper = newKeychainFromHelper({ get: async () => ({ username: USER, secret: password }) });
const github = newGithubKeychain({ GITHUB_TOKEN: password });

describe("what holds credentials", () => {
  it.each([
    ["a user name and password", newBasic(USER, password)],
    ["the two encoded", fromConfig({ auth: encoded })],
    ["an identity token", fromConfig({ identityToken: "token-Zq7-inspected" })],
    ["a registry token", newBearer("token-Zq7-inspected")],
    ["a configuration's keychain", fromFile],
    ["a helper's keychain", fromHelper],
    ["GitHub's keychain", github],
    ["several keychains", newMultiKeychain(fromFile, fromHelper, github)],
    ["a refreshing keychain", newRefreshingKeychain(fromFile, 1000)],
    ["the default keychain", defaultKeychain({ env: { SECRET: password } })],
    [
      "a fetch through a proxy",
      newFetch({ env: { HTTPS_PROXY: `http://me:${encodeURIComponent(password)}@p` } }),
    ],
    ["a registry with users", newRegistry({ auth: { scheme: "basic", users } })],
    ["a registry with tokens", newRegistry({ auth: { scheme: "bearer", users } })],
    ["a pusher", remote.newPusher({ auth: newBasic(USER, password) })],
    ["a puller", remote.newPuller({ auth: newBasic(USER, password) })],
  ])("does not show them: %s", (_, holder) => {
    expect(secrets.inside(holder)).toEqual([]);
  });

  it.each([
    ["a configuration's", fromFile],
    ["a helper's", fromHelper],
    ["GitHub's", github],
    ["a refreshing", newRefreshingKeychain(fromFile, 1000)],
  ])("does not show them: what %s keychain gives", async (_, keychain) => {
    const found = await keychain.resolve({ toString: () => "ghcr.io/app", registryStr: () => "ghcr.io" });
    expect(secrets.inside(await found.authorization())).not.toEqual([]);
    expect(secrets.inside(found)).toEqual([]);
  });

  it("does not show them: a server with users", async () => {
    const server = await serveRegistry({ address: "127.0.0.1:0", auth: { scheme: "bearer", users } });
    try {
      expect(secrets.inside(server)).toEqual([]);
    } finally {
      await server.close();
    }
  });

  it.each(["basic", "bearer"] as const)(
    "does not show them: what has been used with a %s registry, and what it gave",
    async (scheme) => {
      const world = new World(scheme, password);
      await prepare(remote, fetchOf(world.open.fetch));
      const [kind] = kinds;
      const options = { ...(await kind!.options(world)), fetch: world.fetch };
      const pusher = remote.newPusher(options);
      const puller = remote.newPuller(options);
      const image = await puller.image(app.tag("latest"));
      await pusher.push(app.tag("again"), image);
      const given = [pusher, puller, image, await puller.get(app.tag("index")), await image.layers()];
      expect(world.secrets.inside(given)).toEqual([]);
      await world[Symbol.asyncDispose]();
    },
  );
});
