import { type AuthConfig, checkAuthConfig } from "./auth-config.js";
import { AuthConfigError } from "./auth-config-error.js";
import { fromBase64, fromUTF8, toBase64 } from "./base64.js";

/** Credentials as they stand in Docker's `config.json` and podman's `auth.json`. */
export interface AuthEntry {
  username?: string;
  password?: string;
  auth?: string;
  identitytoken?: string;
  registrytoken?: string;
}

const FIELDS = ["username", "password", "auth", "identitytoken", "registrytoken"] as const;

/**
 * Reads one entry of a configuration's `auths`. An `auth` in it is decoded, and wins over `username` and `password`; if its bytes are not
 * UTF-8 it is kept as it is, to be sent as it is.
 *
 * @param entry what `JSON.parse` made of it; fields that are not known are passed over
 * @param whose for the message, such as `"the credentials for gcr.io in /root/.docker/config.json"`
 * @throws {AuthConfigError} if it is no object, a field is no text, or `auth` is not base64 of `username:password`
 */
export function parseAuthEntry(entry: unknown, whose: string): AuthConfig {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    throw new AuthConfigError(`${whose} are not a JSON object; log in again, or correct the file`);
  }
  const fields = new Map(Object.entries(entry));
  const read: AuthEntry = {};
  for (const field of FIELDS) {
    const value: unknown = fields.get(field) ?? "";
    if (typeof value !== "string") {
      throw new AuthConfigError(`${whose}: ${field} is not a string; log in again, or correct the file`);
    }
    if (value !== "") {
      read[field] = value;
    }
  }
  const { auth, identitytoken, registrytoken } = read;
  const user = auth === undefined ? read : decodeAuth(auth, whose);
  return checkAuthConfig({ ...user, identityToken: identitytoken, registryToken: registrytoken }, whose);
}

/**
 * The JSON form of credentials, which {@link parseAuthEntry} reads back. `auth` is there whenever there is a user name or a password, whatever
 * `auth` was before.
 *
 * @throws {AuthConfigError} if the user name has a colon, which would end it
 */
export function marshalAuthConfig(config: AuthConfig): AuthEntry {
  const { username, password, auth, identityToken, registryToken } = config;
  if (username?.includes(":")) {
    throw new AuthConfigError(
      "the user name has a colon, which ends a user name (RFC 7617, section 2); leave it out",
    );
  }
  const encoded = username || password ? toBase64(`${username ?? ""}:${password ?? ""}`) : auth;
  return {
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(encoded ? { auth: encoded } : {}),
    ...(identityToken ? { identitytoken: identityToken } : {}),
    ...(registryToken ? { registrytoken: registryToken } : {}),
  };
}

const COLON = ":".charCodeAt(0);

function decodeAuth(auth: string, whose: string): AuthConfig {
  const bytes = fromBase64(auth);
  if (!bytes?.includes(COLON)) {
    throw new AuthConfigError(
      `${whose}: auth is not base64 of username:password; log in again, or correct the file`,
    );
  }
  const text = fromUTF8(bytes);
  if (text === undefined) {
    return { auth: btoa(atob(auth)) };
  }
  const colon = text.indexOf(":");
  // Old versions of Docker padded passwords with NUL.
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, "") };
}
