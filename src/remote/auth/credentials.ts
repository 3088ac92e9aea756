/** What can be shown to a registry; a field that is absent or empty says nothing. */
export interface AuthConfig {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly auth?: string | undefined;
  readonly identityToken?: string | undefined;
  readonly registryToken?: string | undefined;
}

export interface Authenticator {
  authorization(options?: { readonly signal?: AbortSignal | undefined }): Promise<AuthConfig>;
}

export interface Resource {
  toString(): string;
  registryStr(): string;
}

export interface Keychain {
  resolve(
    resource: Resource,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Authenticator>;
}

/** Shows nothing. */
export const anonymous: Authenticator = {
  authorization: async () => ({}),
};
