/** `varve/authn`: credentials for registries, and where they are looked up. */
export type { AuthConfig } from "./auth-config.js";
export { AuthConfigError } from "./auth-config-error.js";
export { type AuthEntry, marshalAuthConfig, parseAuthEntry } from "./auth-entry.js";
export {
  type Authenticator,
  type AuthorizationOptions,
  anonymous,
  fromConfig,
  newBasic,
  newBearer,
} from "./authenticator.js";
export {
  type ConfigKeychainOptions,
  type ConfigSupplier,
  keychainFromConfig,
} from "./config-keychain.js";
export { type Helper, type HelperCredentials, newKeychainFromHelper } from "./credential-helper.js";
export { CredentialHelperError } from "./credential-helper-error.js";
export { type DockerConfig, parseDockerConfig } from "./docker-config.js";
export { type GithubEnvironment, newGithubKeychain } from "./github-keychain.js";
export { type Keychain, newMultiKeychain, type ResolveOptions, type Resource } from "./keychain.js";
export { newRefreshingKeychain } from "./refreshing-keychain.js";
export { type CredentialSource, type CredentialSourceListener, describeSource } from "./source.js";
