import {
  AuthConfigError,
  anonymous,
  keychainFromConfig,
  marshalAuthConfig,
  newBasic,
  newGithubKeychain,
  newKeychainFromHelper,
  newMultiKeychain,
  parseDockerConfig,
} from "varve/authn";
import { newRepository } from "varve/name";
import { equal, refuses } from "./assert.js";
import type { Suite } from "./runner.js";

/** Credentials, from a configuration and from functions: base64, UTF-8 and JSON are each runtime's own. */
export const authn: Suite = (test) => {
  const config = parseDockerConfig(
    '{"auths":{"https://index.docker.io/v1/":{"auth":"asO2cmc6cA"},"gcr.io":{}},"credHelpers":{"quay.io":"x"}}',
    "config.json",
  );
  const helper = () => ({ get: async (server: string) => ({ username: "<token>", secret: server }) });

  test("credentials are found in a configuration, by its entries and its helpers", async () => {
    const keychain = keychainFromConfig(config, { helper });
    const hub = await (await keychain.resolve(newRepository("ubuntu"))).authorization();
    equal(JSON.stringify(hub), '{"username":"j\u00f6rg","password":"p"}');
    const quay = await (await keychain.resolve(newRepository("quay.io/app"))).authorization();
    equal(JSON.stringify(quay), '{"identityToken":"quay.io"}');
    equal(await keychain.resolve(newRepository("gcr.io/app")), anonymous);
  });

  test("keychains are asked one after the other", async () => {
    const failing = newKeychainFromHelper({ get: () => Promise.reject(new Error("elsewhere")) });
    const keychain = newMultiKeychain(failing, newGithubKeychain({ GITHUB_TOKEN: "t" }));
    const found = await (await keychain.resolve(newRepository("ghcr.io/app"))).authorization();
    equal(found.password, "t");
    equal(await keychain.resolve(newRepository("gcr.io/app")), anonymous);
  });

  test("credentials are encoded as they are decoded, and not shown", () => {
    equal(marshalAuthConfig({ username: "j\u00f6rg", password: "p" }).auth, "asO2cmc6cA==");
    equal(
      `${String(newBasic("u", "s3cret"))}${JSON.stringify(newBasic("u", "s3cret"))}`.includes("s3cret"),
      false,
    );
  });

  test("a broken configuration is refused without a word of what stands in it", async () => {
    const message = await refuses(
      () => parseDockerConfig('{"auths": s3cret', "config.json"),
      AuthConfigError,
    );
    equal(String(message).includes("s3cret"), false);
  });
};
