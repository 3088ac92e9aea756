import { anonymous, newBasic } from "./authenticator.js";
import type { Keychain, ResolveOptions, Resource } from "./keychain.js";
import type { CredentialSourceListener } from "./source.js";

/** What GitHub Actions has in the environment, as far as it is looked at. */
export interface GithubEnvironment {
  readonly GITHUB_TOKEN?: string | undefined;
  readonly GITHUB_ACTOR?: string | undefined;
}

const REGISTRY = "ghcr.io";

/**
 * A keychain for GitHub's registry, `ghcr.io`, with the token that GitHub Actions puts into the environment. The user name is
 * `GITHUB_ACTOR`, which the registry does not look at, or `unset`.
 *
 * @param environment the environment, such as `process.env`, or what gives it, each time
 */
export function newGithubKeychain(
  environment: GithubEnvironment | (() => GithubEnvironment),
  options: { readonly onSource?: CredentialSourceListener | undefined } = {},
): Keychain {
  return Object.freeze({
    async resolve(resource: Resource, { signal }: ResolveOptions = {}) {
      signal?.throwIfAborted();
      const { GITHUB_TOKEN, GITHUB_ACTOR } = typeof environment === "function" ? environment() : environment;
      if (resource.registryStr() !== REGISTRY || !GITHUB_TOKEN) {
        return anonymous;
      }
      options.onSource?.({ registry: REGISTRY, from: "the environment variable GITHUB_TOKEN" });
      return newBasic(GITHUB_ACTOR || "unset", GITHUB_TOKEN);
    },
  });
}
