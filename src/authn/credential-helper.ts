import { unlessAborted } from "../bytes/abort.js";
import { type AuthConfig, isEmpty } from "./auth-config.js";
import { type Authenticator, anonymous, fromConfig } from "./authenticator.js";
import type { Keychain, ResolveOptions, Resource } from "./keychain.js";
import { serverOf } from "./registry-key.js";

/** What a credential helper answers with. */
export interface HelperCredentials {
  /** A user name; `<token>` says that the secret is an identity token. */
  readonly username: string;
  readonly secret: string;
}

/** A keeper of credentials by server, such as the programs called `docker-credential-...`. */
export interface Helper {
  /**
   * Looks up the credentials for a server.
   *
   * @param server the registry's host, and `:port` if it has one; for Docker Hub `https://index.docker.io/v1/`
   * @returns undefined if it has none
   */
  get(server: string, options?: ResolveOptions): Promise<HelperCredentials | undefined>;
}

/** The user name that stands for an identity token where a helper has one. */
export const TOKEN_USERNAME = "<token>";

/** A helper's answer as credentials; empty if it has neither name nor secret. */
export function configOfHelper({ username, secret }: HelperCredentials): AuthConfig {
  return username === TOKEN_USERNAME ? { identityToken: secret } : { username, password: secret };
}

/**
 * A keychain that asks a helper. One that fails is taken to have no credentials, as in go-containerregistry: helpers of cloud providers fail
 * wherever they are not at home.
 */
export function newKeychainFromHelper(helper: Helper): Keychain {
  return Object.freeze({
    async resolve(resource: Resource, { signal }: ResolveOptions = {}): Promise<Authenticator> {
      const server = serverOf(resource.registryStr());
      try {
        signal?.throwIfAborted();
        const answer = await unlessAborted(signal, Promise.resolve(helper.get(server, { signal })));
        const config = answer === undefined ? {} : configOfHelper(answer);
        return isEmpty(config) ? anonymous : fromConfig(config);
      } catch {
        signal?.throwIfAborted();
        return anonymous;
      }
    },
  });
}
