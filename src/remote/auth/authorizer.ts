import { checkAuthConfig } from "../../authn/auth-config.js";
import type { AuthConfig, Authenticator } from "../../authn/index.js";
import { RegistryError } from "../transport/registry-error.js";
import type { RetryPolicy } from "../transport/retry.js";
import { SharedWork } from "../transport/shared-work.js";
import type { Transport } from "../transport/transport.js";
import { directAuthorization } from "./basic.js";
import type { Challenge } from "./challenge.js";
import type { Found } from "./ping.js";
import { realmOf } from "./realm.js";
import { exchangeToken, type Token } from "./token-exchange.js";

/** A token that ends sooner than this is renewed before a body that can be sent only once. */
const MARGIN_MILLISECONDS = 30_000;

/** What an authorizer works with. */
export interface AuthorizerSetup {
  readonly transport: Transport;
  readonly retry: RetryPolicy;
  /** The root of the registry's API. */
  readonly root: URL;
  readonly authenticator: Authenticator;
  /** What access is wanted to; of several scopes the first should be the one that pushes, as some registries read no further. */
  readonly scopes: readonly string[];
}

/** What a registry asked for when it was looked for. */
export type Demand = Pick<Found, "challenge" | "stranger">;

interface ScopedToken extends Token {
  readonly scopes: ReadonlySet<string>;
}

/** Knows what to show to one registry: credentials, or a token that its token server gave for them, renewed as it must be. */
export class Authorizer {
  readonly #setup: AuthorizerSetup;
  readonly #exchange: SharedWork<void> = new SharedWork();
  #challenge: Challenge | undefined;
  /** Who challenges, if not the registry itself: it gives a token that anyone gets. */
  #stranger: URL | undefined;
  #scopes: readonly string[];
  #config: AuthConfig = {};
  /** Stands for the credentials once the token server has given it. */
  #refreshToken: string | undefined;
  #token: ScopedToken | undefined;
  /** What was refused last together with a body that can be sent once. */
  #refused: { readonly challenge: Challenge; readonly shown: string | undefined } | undefined;

  private constructor(setup: AuthorizerSetup, { challenge, stranger }: Demand) {
    this.#setup = setup;
    this.#challenge = challenge;
    this.#stranger = stranger;
    this.#scopes = setup.scopes;
  }

  /**
   * Looks the credentials up, and gets a token if that is what the registry wants.
   *
   * @param demand what is asked for, and by whom
   * @throws what {@link exchangeToken} and `realmOf` throw, and what the authenticator throws
   */
  static async prepare(setup: AuthorizerSetup, demand: Demand, signal?: AbortSignal): Promise<Authorizer> {
    const authorizer = new Authorizer(setup, demand);
    await authorizer.#lookUp(signal);
    await authorizer.#update(signal);
    return authorizer;
  }

  /** The value of `Authorization`; undefined if there is nothing to show. */
  get authorization(): string | undefined {
    return this.#token === undefined ? directAuthorization(this.#config) : `Bearer ${this.#token.token}`;
  }

  /** Whether what is shown comes of credentials, of whatever kind. */
  get hasCredentials(): boolean {
    if (this.#stranger !== undefined && !this.#direct) {
      return false;
    }
    return this.#refreshToken !== undefined || Object.values(this.#config).some((value) => Boolean(value));
  }

  /**
   * Wants access to more. The token is exchanged for one that reaches as far, if it doesn't yet; what is refused is not asked for again
   * with the rest.
   */
  async widen(scopes: readonly string[], signal?: AbortSignal): Promise<void> {
    const unknown = scopes.filter((scope) => !this.#scopes.includes(scope));
    this.#scopes = [...this.#scopes, ...new Set(unknown)];
    await this.#unlessRefused(unknown, this.#update(signal));
  }

  /** Gets something else to show if what there is was refused with a body ({@link renewLater}), or is a token that may end too soon. */
  async freshen(signal?: AbortSignal): Promise<void> {
    const refused = this.#refused;
    if (refused !== undefined) {
      await this.renewAfter(refused.challenge, refused.shown, signal);
      // Only now: whoever comes meanwhile must wait for it, too, and whoever comes after a failure must try again.
      this.#refused = this.#refused === refused ? undefined : this.#refused;
    }
    if (this.#token !== undefined && this.#token.expires - Date.now() < MARGIN_MILLISECONDS) {
      await this.#renew(signal);
    }
  }

  /**
   * Gets another token after a refusal by the registry itself; or the first one, if nothing was asked for before: some registries let anyone
   * look for them, and then ask who it is. Scopes that the refusal names beside those known are asked for first.
   *
   * @param shown the `Authorization` that was refused
   * @returns whether there is now something else to show
   */
  async renewAfter(challenge: Challenge, shown: string | undefined, signal?: AbortSignal): Promise<boolean> {
    if (challenge.scheme !== "bearer" || !this.#takesTokens) {
      return false;
    }
    this.#challenge = challenge;
    this.#stranger = undefined;
    const asked = (challenge.parameters.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
    const unknown = asked.filter((scope) => !this.#scopes.includes(scope));
    this.#scopes = [...unknown, ...this.#scopes];
    const renew = async (): Promise<void> => {
      if (this.authorization === shown) {
        await this.#renew(signal);
      }
      // What was renewed may have been under way, for fewer scopes.
      await this.#update(signal);
    };
    await this.#unlessRefused(unknown, this.#renewWithout(asked, renew));
    return this.authorization !== shown;
  }

  /** Has {@link freshen} do what {@link renewAfter} does: the request that was refused can't be made again as it was. */
  renewLater(challenge: Challenge, shown: string | undefined): void {
    this.#refused = { challenge, shown };
  }

  /** Whether credentials may be exchanged for a token: a registry that asked for the credentials themselves gets no other way. */
  get #takesTokens(): boolean {
    return !this.#config.registryToken && (this.#challenge?.scheme ?? "bearer") === "bearer";
  }

  /**
   * Renews; and once more without the scopes that {@link widen} added when there was no token to exchange for them, if these may be what
   * the token server refuses.
   *
   * @param asked scopes that are needed, as the first ones are
   */
  async #renewWithout(asked: readonly string[], renew: () => Promise<void>): Promise<void> {
    const needed = [...asked, ...this.#setup.scopes, ...(this.#token?.scopes ?? [])];
    const spared = this.#scopes.filter((scope) => !needed.includes(scope));
    try {
      await renew();
    } catch (failure) {
      if (!(failure instanceof RegistryError) || spared.length === 0) {
        throw failure;
      }
      this.#scopes = this.#scopes.filter((scope) => !spared.includes(scope));
      await renew();
    }
  }

  /** Waits for a token; without one, the scopes that it was to have beside those known before are wanted no more. */
  async #unlessRefused(added: readonly string[], renewal: Promise<void>): Promise<void> {
    try {
      await renewal;
    } catch (failure) {
      this.#scopes = this.#scopes.filter(
        (scope) => !added.includes(scope) || this.#token?.scopes.has(scope) === true,
      );
      throw failure;
    }
  }

  /** Whether the credentials are shown to the registry itself. */
  get #direct(): boolean {
    return this.#challenge?.scheme !== "bearer" || Boolean(this.#config.registryToken);
  }

  /** Gets a token that is good for all scopes, unless there is one. */
  async #update(signal: AbortSignal | undefined): Promise<void> {
    while (!this.#direct && !this.#scopes.every((scope) => this.#token?.scopes.has(scope))) {
      await this.#renew(signal);
    }
    if (!this.#direct && this.#token === undefined) {
      await this.#renew(signal);
    }
  }

  #renew(signal: AbortSignal | undefined): Promise<void> {
    return this.#exchange.run(signal, async (shared) => {
      const { transport, retry, root } = this.#setup;
      const challenge = this.#challenge!;
      const scopes = this.#scopes;
      const stranger = this.#stranger;
      const request = {
        realm: realmOf(challenge, stranger ?? root, transport.conceal),
        service: challenge.parameters.get("service") ?? "",
        scopes,
      };
      const credentials = stranger === undefined ? await this.#credentials(shared) : {};
      const given = await exchangeToken(transport, retry, request, credentials, shared);
      if (stranger === undefined) {
        this.#refreshToken = given.refreshToken ?? this.#refreshToken;
      }
      this.#token = { ...given, scopes: new Set(scopes) };
    });
  }

  async #credentials(signal: AbortSignal): Promise<AuthConfig> {
    if (this.#refreshToken !== undefined) {
      return { identityToken: this.#refreshToken };
    }
    return this.#lookUp(signal);
  }

  /** The authenticator may be anyone's, and what no header can hold would be quoted by the runtime that refuses it. */
  async #lookUp(signal: AbortSignal | undefined): Promise<AuthConfig> {
    const { authenticator, root } = this.#setup;
    const given = await authenticator.authorization({ signal });
    this.#config = checkAuthConfig(given, `the credentials for ${root.host}`);
    return this.#config;
  }
}
