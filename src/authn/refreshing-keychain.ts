import type { AuthConfig } from "./auth-config.js";
import { type Authenticator, type AuthorizationOptions, anonymous } from "./authenticator.js";
import type { Keychain, ResolveOptions, Resource } from "./keychain.js";

/**
 * A keychain for credentials that expire: its authenticators look up theirs anew in the inner keychain once those are older than `ttl`
 * milliseconds. What the inner keychain has no credentials for stays anonymous.
 */
export function newRefreshingKeychain(inner: Keychain, ttl: number): Keychain {
  return Object.freeze({
    async resolve(resource: Resource, options: ResolveOptions = {}) {
      const asked = Date.now();
      const found = await inner.resolve(resource, options);
      return found === anonymous ? found : new Refreshing(inner, resource, ttl, found, asked);
    },
  });
}

class Refreshing implements Authenticator {
  readonly #inner: Keychain;
  readonly #resource: Resource;
  readonly #ttl: number;
  #current: Authenticator;
  /** When the current one was asked for, in milliseconds of the wall clock: credentials expire by it. */
  #asked: number;

  constructor(inner: Keychain, resource: Resource, ttl: number, current: Authenticator, asked: number) {
    this.#inner = inner;
    this.#resource = resource;
    this.#ttl = ttl;
    this.#current = current;
    this.#asked = asked;
  }

  async authorization(options: AuthorizationOptions = {}): Promise<AuthConfig> {
    const now = Date.now();
    const age = now - this.#asked;
    // A clock that was set back tells nothing about the age.
    if (age > this.#ttl || age < 0) {
      this.#current = await this.#inner.resolve(this.#resource, options);
      this.#asked = now;
    }
    return this.#current.authorization(options);
  }
}
