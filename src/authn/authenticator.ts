import { type AuthConfig, checkAuthConfig } from "./auth-config.js";

/** How a credential is asked for. */
export interface AuthorizationOptions {
  /** Aborting it gives the asking up, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Something that has credentials for a registry, or gets them when it is asked. None of varve's shows them when it is printed. */
export interface Authenticator {
  /**
   * What to show to the registry now. It is asked anew for each token that is fetched, so what it gives may change.
   *
   * @throws the signal's reason when that is aborted
   */
  authorization(options?: AuthorizationOptions): Promise<AuthConfig>;
}

/** Credentials that are there, in a private field, which neither `console.log` nor JSON shows. */
class Fixed implements Authenticator {
  readonly #config: AuthConfig;

  constructor(config: AuthConfig) {
    this.#config = config;
  }

  async authorization({ signal }: AuthorizationOptions = {}): Promise<AuthConfig> {
    signal?.throwIfAborted();
    return this.#config;
  }
}

/** Shows nothing. There is one of it, so that `authenticator === anonymous` tells whether there are credentials. */
export const anonymous: Authenticator = Object.freeze(new Fixed(Object.freeze({})));

/** Shows a user name and a password. */
export function newBasic(username: string, password: string): Authenticator {
  return fromConfig({ username, password });
}

/**
 * Shows a token that the registry itself takes.
 *
 * @throws {AuthConfigError} if the token has characters that no header can hold
 */
export function newBearer(token: string): Authenticator {
  return fromConfig({ registryToken: token });
}

/**
 * Shows what it is given; later changes to that make no difference.
 *
 * @throws {AuthConfigError} if `auth` is not base64, or `registryToken` has characters that no header can hold
 */
export function fromConfig(config: AuthConfig): Authenticator {
  return Object.freeze(new Fixed(checkAuthConfig(config, "the given credentials")));
}
