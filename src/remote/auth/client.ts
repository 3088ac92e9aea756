import { type Authenticator, anonymous, type Keychain } from "../../authn/index.js";
import { Memo } from "../../bytes/index.js";
import type { Registry, Repository } from "../../name/index.js";
import { isRegistry } from "../../name/kind.js";
import { RemoteOptionError } from "../option-error.js";
import { type RetryOptions, RetryPolicy } from "../transport/retry.js";
import { Transport, type TransportOptions } from "../transport/transport.js";
import { Authorizer } from "./authorizer.js";
import { Connection } from "./connection.js";
import { type Found, ping } from "./ping.js";

/** How registries are reached, and what is shown to them. */
export interface ClientOptions extends TransportOptions, RetryOptions {
  /** Credentials for whatever registry is spoken to. Default: none. Not together with `keychain`. */
  readonly auth?: Authenticator | undefined;
  /** Where credentials are looked up, for each repository. Default: there are none. Not together with `auth`. */
  readonly keychain?: Keychain | undefined;
}

/** Finds registries and gets access to them, and remembers both; what failed is tried again by the next call. */
export class Client {
  /** For what is not sent to the registry itself. */
  readonly transport: Transport;
  /** For requests that stand alone, and for uploads as a whole. */
  readonly retry: RetryPolicy;
  readonly #keychain: Keychain;
  readonly #found: Map<string, Memo<Found>> = new Map();
  readonly #connections: Map<string, Memo<Connection>> = new Map();

  /** @throws {RemoteOptionError} if both `auth` and `keychain` are given, or `retryBackoff` has numbers that can't be */
  constructor(options: ClientOptions = {}) {
    const { auth, keychain } = options;
    if (auth !== undefined && keychain !== undefined) {
      throw new RemoteOptionError(
        "auth and keychain were both given, and each of them says which credentials to use: give one",
      );
    }
    this.transport = new Transport(options);
    this.retry = new RetryPolicy(options);
    this.#keychain = keychain ?? { resolve: async () => auth ?? anonymous };
  }

  /**
   * A connection to a registry, good for the scopes.
   *
   * @param target what access is wanted to, and credentials are looked up for
   * @param scopes the one that pushes first, if there is one
   * @throws what `ping` and getting a token throw
   */
  connect(
    target: Repository | Registry,
    scopes: readonly string[],
    signal?: AbortSignal,
  ): Promise<Connection> {
    const registry = isRegistry(target) ? target : target.registry;
    const key = [registry.scheme(), target, ...scopes].join(" ");
    return memoOf(this.#connections, key, async (shared) => {
      const found = await this.#find(registry, shared);
      const authenticator = await this.#keychain.resolve(target, { signal: shared });
      const { root } = found;
      const setup = { transport: this.transport, retry: this.retry, root, authenticator, scopes };
      return new Connection(root, this.transport, await Authorizer.prepare(setup, found, shared));
    }).get({ signal });
  }

  #find(registry: Registry, signal: AbortSignal): Promise<Found> {
    return memoOf(this.#found, `${registry.scheme()} ${registry}`, (shared) =>
      this.retry.read(() => ping(registry, this.transport, shared), shared),
    ).get({ signal });
  }
}

function memoOf<T>(
  memos: Map<string, Memo<T>>,
  key: string,
  compute: (signal: AbortSignal) => Promise<T>,
): Memo<T> {
  const memo = memos.get(key) ?? new Memo(compute);
  memos.set(key, memo);
  return memo;
}
