import {
  type CredentialSourceListener,
  type Keychain,
  keychainFromConfig,
  newMultiKeychain,
  parseDockerConfig,
  type ResolveOptions,
  type Resource,
} from "../../authn/index.js";
import { readable } from "../../authn/source.js";
import { type ConfigPath, type ConfigPathOptions, configPaths } from "./config-paths.js";
import { CredentialFileError } from "./credential-file-error.js";
import { type CredentialHelperOptions, credentialHelper } from "./credential-helper.js";
import { readConfigFile } from "./read-config-file.js";

/** Where credentials are looked for; every field may be left out. */
export interface DefaultKeychainOptions extends ConfigPathOptions {
  /** How long a credential helper may take, in milliseconds; `Infinity` is for ever. Default: two minutes. */
  readonly helperTimeout?: number | undefined;
  /** Told which file, and which helper, gave the credentials. */
  readonly onSource?: CredentialSourceListener | undefined;
}

/**
 * The credentials that Docker, podman and their like have left on this machine. The files of {@link configPaths} are searched in their order,
 * and one that has nothing for a registry leaves it to the next: a login with podman is not hidden by Docker's file. In each, a
 * credential helper goes before an entry. Files are read, and helpers run, each time.
 *
 * @returns a keychain that throws {@link CredentialFileError} if a file cannot be read, `AuthConfigError` if it is not of the right form, and
 *   `CredentialHelperError` if a helper cannot be run or fails
 */
export function defaultKeychain(options: DefaultKeychainOptions = {}): Keychain {
  return Object.freeze({
    // The paths too are those of the moment: the environment may change.
    resolve: (resource: Resource, resolving?: ResolveOptions) =>
      newMultiKeychain(...configPaths(options).map((path) => fileKeychain(path, options))).resolve(
        resource,
        resolving,
      ),
  });
}

function fileKeychain({ path, required }: ConfigPath, options: DefaultKeychainOptions): Keychain {
  const helperOptions: CredentialHelperOptions = { env: options.env, timeout: options.helperTimeout };
  return keychainFromConfig(
    async () => {
      const text = await readConfigFile(path);
      if (text === undefined && required) {
        throw new CredentialFileError(path, `there is no file ${readable(path)}; log in, or name another`);
      }
      return text === undefined ? undefined : parseDockerConfig(text, path);
    },
    {
      source: path,
      helper: (name) => credentialHelper(name, helperOptions),
      onSource: options.onSource,
    },
  );
}
