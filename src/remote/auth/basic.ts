import { toBase64 } from "../../authn/base64.js";
import type { AuthConfig } from "../../authn/index.js";

/** The value of `Authorization` for a user name and a password (RFC 7617); undefined if there are none. */
export function basicAuthorization({ username, password, auth }: AuthConfig): string | undefined {
  if (username && password) {
    return `Basic ${toBase64(`${username}:${password}`)}`;
  }
  return auth ? `Basic ${auth}` : undefined;
}

/** The value of `Authorization` for a registry that does not hand out tokens: a token of its own, else {@link basicAuthorization}. */
export function directAuthorization(config: AuthConfig): string | undefined {
  return config.registryToken ? `Bearer ${config.registryToken}` : basicAuthorization(config);
}
