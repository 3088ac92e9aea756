import { AuthConfigError } from "./auth-config-error.js";
import { fromBase64 } from "./base64.js";

/**
 * What can be shown to a registry: a user name with a password, the same two encoded, or a token. A field that is absent, undefined or
 * empty says nothing. It holds secrets in the open: it is for whoever makes a request of it, and not for logs.
 */
export interface AuthConfig {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Base64 of `username:password`, for credentials that exist in this form only; the two fields themselves go before it. */
  readonly auth?: string | undefined;
  /** A token that the registry's token server takes in exchange for others (OAuth 2.0 refresh token). */
  readonly identityToken?: string | undefined;
  /** A token that the registry itself takes (`Authorization: Bearer`). */
  readonly registryToken?: string | undefined;
}

/** Visible ASCII characters, which are all that a token may have in a header. */
const TOKEN = /^[!-~]*$/;

/** Whether there is nothing in it to show. */
export function isEmpty(config: AuthConfig): boolean {
  const { username, password, auth, identityToken, registryToken } = config;
  return [username, password, auth, identityToken, registryToken].every((value) => !value);
}

/**
 * A copy that cannot be changed, without the fields that say nothing, and without white space in `auth`.
 *
 * @param whose for the message, such as `"the credentials for gcr.io in /root/.docker/config.json"`
 * @throws {AuthConfigError} if `auth` is not base64, or `registryToken` has characters that no header can hold: the runtime's own
 *   refusal would quote them
 */
export function checkAuthConfig(config: AuthConfig, whose: string): AuthConfig {
  const { username, password, auth, identityToken, registryToken } = config;
  if (auth && fromBase64(auth) === undefined) {
    throw new AuthConfigError(`${whose}: auth is not base64; encode username:password`);
  }
  if (registryToken && !TOKEN.test(registryToken)) {
    throw new AuthConfigError(
      `${whose}: the registry token has a space, a line break or another character that a token cannot have; copy it again, without what is around it`,
    );
  }
  return Object.freeze({
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(auth ? { auth: auth.replace(/\s/g, "") } : {}),
    ...(identityToken ? { identityToken } : {}),
    ...(registryToken ? { registryToken } : {}),
  });
}
