import { RegistryOptionsError } from "../options-error.js";
import { type Access, anonymousPart, formatScope, isCovered } from "./access.js";
import { type Guard, type Pullable, quoted, unauthorized } from "./guard.js";
import { type TokenClaims, TokenSigner } from "./token.js";
import { answerTokenRequest, TOKEN_PATH, type TokenIssuer } from "./token-endpoint.js";
import { type CheckUser, checkerOf, type Users } from "./users.js";

/** Tokens for what a request needs, from an endpoint of the registry's own (Docker's token authentication). */
export interface BearerAuth {
  readonly scheme: "bearer";
  readonly users: Users;
  /** Whether anybody gets tokens that pull. Default: false. */
  readonly anonymousPull?: boolean | undefined;
  /** How long a token is good, in milliseconds. Default: five minutes. */
  readonly tokenLifetime?: number | undefined;
  /** Where clients are sent for tokens. Default: `/token` at the host that the request came to, by the same scheme. */
  readonly realm?: string | undefined;
  /** What the registry calls itself in challenges. Default: the host that the request came to. */
  readonly service?: string | undefined;
}

const TOKEN_LIFETIME = 5 * 60 * 1000;

/** Asks for a token. */
export class BearerGuard implements Guard, TokenIssuer {
  readonly check: CheckUser;
  readonly anonymousPull: boolean;
  readonly tokenLifetime: number;
  readonly signer: TokenSigner = new TokenSigner();
  readonly #realm: string | undefined;
  readonly #service: string | undefined;

  /** @throws {RegistryOptionsError} if there can be no user, the realm is no URL, or the lifetime no time */
  constructor(options: BearerAuth) {
    const { realm, tokenLifetime = TOKEN_LIFETIME } = options;
    if (realm !== undefined && !URL.canParse(realm)) {
      throw new RegistryOptionsError(`auth.realm is no URL: ${JSON.stringify(realm)}`);
    }
    if (!(tokenLifetime > 0 && Number.isFinite(tokenLifetime))) {
      throw new RegistryOptionsError(
        `auth.tokenLifetime is a finite number of milliseconds above 0, not ${tokenLifetime}`,
      );
    }
    this.check = checkerOf(options.users);
    this.anonymousPull = options.anonymousPull ?? false;
    this.tokenLifetime = tokenLifetime;
    this.#realm = realm;
    this.#service = options.service;
  }

  async admit(request: Request, needed: readonly Access[]): Promise<Pullable> {
    const header = request.headers.get("Authorization");
    if (header === null) {
      throw this.#challenge(
        request,
        needed,
        "this registry asks for a token; its challenge says where to get one",
      );
    }
    const claims = await this.#claimsOf(header);
    if (claims === undefined) {
      throw this.#challenge(
        request,
        needed,
        "the token is none of this registry's, or has expired",
        "invalid_token",
      );
    }
    const missing = needed.filter((access) => !isCovered(access, claims.access));
    if (missing.length > 0) {
      const scopes = missing.map(formatScope).join(" ");
      throw this.#challenge(request, needed, `the token is not good for ${scopes}`, "insufficient_scope");
    }
    return anonymousPart(claims.access).map(({ name }) => name);
  }

  async answer(request: Request): Promise<Response | undefined> {
    if (new URL(request.url).pathname !== TOKEN_PATH) return undefined;
    return answerTokenRequest(this, request);
  }

  async #claimsOf(header: string): Promise<TokenClaims | undefined> {
    const [, token] = /^bearer +([\w.-]+)$/iu.exec(header.trim()) ?? [];
    const claims = token === undefined ? undefined : await this.signer.verify(token);
    return claims?.use === "access" && Date.now() < (claims.expires ?? 0) ? claims : undefined;
  }

  #challenge(request: Request, needed: readonly Access[], message: string, error?: string): Error {
    const { origin, host } = new URL(request.url);
    const parts = [
      `realm=${quoted(this.#realm ?? `${origin}${TOKEN_PATH}`)}`,
      `service=${quoted(this.#service ?? host)}`,
      ...(needed.length === 0 ? [] : [`scope=${quoted(needed.map(formatScope).join(" "))}`]),
      ...(error === undefined ? [] : [`error=${quoted(error)}`]),
    ];
    return unauthorized(`Bearer ${parts.join(",")}`, message, needed.length === 0 ? undefined : needed);
  }
}
