import { type Authenticator, anonymous } from "./authenticator.js";

/** What credentials are looked up for: a registry or a repository, such as those of `varve/name`. */
export interface Resource {
  /** The full name, such as `index.docker.io/library/ubuntu`. A reference is asked by its `context()`. */
  toString(): string;
  /** The registry's host, and `:port` if it has one. */
  registryStr(): string;
}

/** How credentials are looked up. */
export interface ResolveOptions {
  /** Aborting it gives the looking up up, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A place where credentials are looked up. */
export interface Keychain {
  /**
   * Looks up the credentials for a registry or repository.
   *
   * @returns `anonymous` if there are none
   * @throws the signal's reason when that is aborted
   */
  resolve(resource: Resource, options?: ResolveOptions): Promise<Authenticator>;
}

/** Asks several keychains, one after the other. The first that has credentials ends it, and so does one that fails. */
export function newMultiKeychain(...keychains: readonly Keychain[]): Keychain {
  return Object.freeze({
    async resolve(resource: Resource, options: ResolveOptions = {}) {
      for (const keychain of keychains) {
        options.signal?.throwIfAborted();
        const found = await keychain.resolve(resource, options);
        if (found !== anonymous) {
          return found;
        }
      }
      return anonymous;
    },
  });
}
