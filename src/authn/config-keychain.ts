import { unlessAborted } from "../bytes/abort.js";
import { isEmpty } from "./auth-config.js";
import { parseAuthEntry } from "./auth-entry.js";
import { type Authenticator, anonymous, fromConfig } from "./authenticator.js";
import { configOfHelper, type Helper } from "./credential-helper.js";
import { CredentialHelperError } from "./credential-helper-error.js";
import type { DockerConfig } from "./docker-config.js";
import type { Keychain, ResolveOptions, Resource } from "./keychain.js";
import { keysFor, serverOf } from "./registry-key.js";
import { type CredentialSource, type CredentialSourceListener, readable } from "./source.js";

/** How a configuration serves as a keychain. */
export interface ConfigKeychainOptions {
  /** What the configuration is called in messages, such as its file's path. Default: `the given configuration`. */
  readonly source?: string | undefined;
  /** Gives the helper of a name, which is untrusted; without it, a registry that has one cannot be resolved. `varve/node` runs programs. */
  readonly helper?: ((name: string) => Helper) | undefined;
  /** Told where credentials came from. */
  readonly onSource?: CredentialSourceListener | undefined;
}

/** Gives a configuration whenever it is asked; undefined if there is none. */
export type ConfigSupplier = (
  options: ResolveOptions,
) => DockerConfig | undefined | Promise<DockerConfig | undefined>;

/**
 * Looks credentials up in the configuration of Docker or podman. The helper that the configuration names for the registry is asked first
 * (`credHelpers`, or else `credsStore`), then `auths` is searched; an empty entry there counts for nothing. A registry whose helper
 * is the empty name has none.
 *
 * @param config a configuration, or what reads one, each time
 * @returns a keychain that throws {@link AuthConfigError} if the entry is not of the right form, and what the helper and the supplier throw
 */
export function keychainFromConfig(
  config: DockerConfig | ConfigSupplier,
  options: ConfigKeychainOptions = {},
): Keychain {
  return Object.freeze({
    async resolve(resource: Resource, { signal }: ResolveOptions = {}): Promise<Authenticator> {
      signal?.throwIfAborted();
      const current =
        typeof config === "function"
          ? await unlessAborted(signal, Promise.resolve(config({ signal })))
          : config;
      if (current === undefined) {
        return anonymous;
      }
      const helped = await askHelper(current, resource, options, signal);
      return helped !== anonymous ? helped : searchEntries(current, resource, options);
    },
  });
}

/** The helper that a configuration names for a registry. */
export function helperFor(config: DockerConfig, registry: string): CredentialSource["helper"] {
  const host = { toString: () => registry, registryStr: () => registry };
  const [key] = keysFor(host, config.credHelpers.keys());
  const own = key === undefined ? undefined : config.credHelpers.get(key);
  const name = own ?? config.credsStore;
  return name ? { name, setting: own === undefined ? "credsStore" : "credHelpers" } : undefined;
}

async function askHelper(
  config: DockerConfig,
  resource: Resource,
  options: ConfigKeychainOptions,
  signal: AbortSignal | undefined,
): Promise<Authenticator> {
  const registry = resource.registryStr();
  const helper = helperFor(config, registry);
  if (helper === undefined) {
    return anonymous;
  }
  const from = sourceOf(options);
  if (options.helper === undefined) {
    throw new CredentialHelperError(
      helper.name,
      `${readable(from)}: the credentials for ${registry} are with a helper (${helper.setting}), and there is nothing that runs it here; use the keychain of varve/node, or give the option helper`,
    );
  }
  const keeper = options.helper(helper.name);
  signal?.throwIfAborted();
  const answer = await unlessAborted(signal, Promise.resolve(keeper.get(serverOf(registry), { signal })));
  const credentials = answer === undefined ? {} : configOfHelper(answer);
  if (isEmpty(credentials)) {
    return anonymous;
  }
  options.onSource?.({ registry, from, helper });
  return fromConfig(credentials);
}

function searchEntries(
  config: DockerConfig,
  resource: Resource,
  options: ConfigKeychainOptions,
): Authenticator {
  const registry = resource.registryStr();
  const from = sourceOf(options);
  for (const key of keysFor(resource, config.auths.keys())) {
    const credentials = parseAuthEntry(
      config.auths.get(key),
      `the credentials for ${registry} in ${readable(from)}`,
    );
    if (!isEmpty(credentials)) {
      options.onSource?.({ registry, from });
      return fromConfig(credentials);
    }
  }
  return anonymous;
}

function sourceOf({ source }: ConfigKeychainOptions): string {
  return source ?? "the given configuration";
}
