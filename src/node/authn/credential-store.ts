import { resolve } from "node:path";
import { helperFor } from "../../authn/config-keychain.js";
import { TOKEN_USERNAME } from "../../authn/credential-helper.js";
import { parseSettings } from "../../authn/docker-config.js";
import {
  type AuthConfig,
  AuthConfigError,
  type AuthEntry,
  CredentialHelperError,
  type CredentialSource,
  type DockerConfig,
  type HelperCredentials,
  marshalAuthConfig,
  parseAuthEntry,
  parseDockerConfig,
} from "../../authn/index.js";
import { keysFor, serverOf } from "../../authn/registry-key.js";
import { newRegistry } from "../../name/index.js";
import { KeyedLock } from "../keyed-lock.js";
import {
  type CredentialHelperOptions,
  credentialHelper,
  type HelperCallOptions,
} from "./credential-helper.js";
import { readConfigFile } from "./read-config-file.js";
import { linkedFile, writeConfigFile } from "./write-config-file.js";

/** How credentials are kept; every field may be left out. */
export interface CredentialStoreOptions extends CredentialHelperOptions, HelperCallOptions {}

/** One program writes a file once at a time; of two programs that do so in the same moment, the later one wins. */
const locks = new KeyedLock();

/**
 * Keeps credentials for a registry, in place of those that are there, as `docker login` does: with the helper that the file names for the registry
 * (`credHelpers`, or else `credsStore`), or, if it names none, in the file itself, in `auths`, where base64 hides them from nobody. Everything else in
 * the file stays; the file is replaced as a whole, with mode 0600, and made if there is none.
 *
 * @param file such as `~/.docker/config.json`, with the `~` resolved
 * @param registry its host, and `:port` if it has one
 * @returns where the credentials are now
 * @throws {NameError} if the registry is not one
 * @throws {AuthConfigError} if the file or the credentials are not of the right form
 * @throws {CredentialFileError} if the file cannot be read or written
 * @throws {CredentialHelperError} if the helper fails, or keeps no credentials of this kind
 */
export async function storeCredential(
  file: string,
  registry: string,
  credentials: AuthConfig,
  options: CredentialStoreOptions = {},
): Promise<CredentialSource> {
  const host = newRegistry(registry).registryStr();
  const entry = entryOf(credentials);
  return change(file, options, async ({ auths, config }) => {
    const helper = helperFor(config, host);
    if (helper !== undefined) {
      await credentialHelper(helper.name, options).store(
        serverOf(host),
        forHelper(entry, helper.name),
        options,
      );
    }
    for (const key of hostKeys(auths, host)) {
      auths.delete(key);
    }
    // An empty entry is how Docker lists what its helpers keep.
    auths.set(serverOf(host), helper === undefined ? entry : {});
    return { registry: host, from: file, ...(helper === undefined ? {} : { helper }) };
  });
}

/**
 * Forgets the credentials for a registry, in the file and with the helper that it names, as `docker logout` does. Those for single repositories, and
 * everything else in the file, stay.
 *
 * @returns whether the file had an entry
 * @throws as {@link storeCredential} does
 */
export async function eraseCredential(
  file: string,
  registry: string,
  options: CredentialStoreOptions = {},
): Promise<boolean> {
  const host = newRegistry(registry).registryStr();
  return change(file, options, async ({ auths, config }) => {
    const helper = helperFor(config, host);
    if (helper !== undefined) {
      await credentialHelper(helper.name, options).erase(serverOf(host), options);
    }
    return hostKeys(auths, host).filter((key) => auths.delete(key)).length > 0;
  });
}

/** The entry without the password in the open, which is in `auth` too. */
function entryOf(credentials: AuthConfig): AuthEntry {
  const { username: _, password: __, ...entry } = marshalAuthConfig(credentials);
  if (Object.keys(entry).length === 0) {
    throw new AuthConfigError(
      "there are no credentials to keep: give a user name and a password, or a token",
    );
  }
  return entry;
}

/** What a helper can keep of an entry. */
function forHelper(entry: AuthEntry, helper: string): HelperCredentials {
  const { username, password, identityToken } = parseAuthEntry(entry, "the given credentials");
  if (identityToken) {
    return { username: TOKEN_USERNAME, secret: identityToken };
  }
  if (username && password) {
    return { username, secret: password };
  }
  throw new CredentialHelperError(
    helper,
    `credential helper docker-credential-${helper} keeps a user name with a password, or an identity token, and was given neither; use a file that names no helper`,
  );
}

interface Content {
  readonly config: DockerConfig;
  /** The entries, to be changed. */
  readonly auths: Map<string, unknown>;
}

/** Lets something change the entries of a file, and writes it if they did change. */
async function change<T>(
  path: string,
  { signal }: HelperCallOptions,
  alter: (content: Content) => Promise<T>,
): Promise<T> {
  const file = await linkedFile(resolve(path));
  return locks.run(file, async () => {
    signal?.throwIfAborted();
    const text = (await readConfigFile(file)) ?? "";
    const config = parseDockerConfig(text, path);
    const settings = parseSettings(text, path);
    const auths = new Map(config.auths);
    const outcome = await alter({ config, auths });
    if (!sameEntries(auths, config.auths)) {
      settings.set("auths", Object.fromEntries(auths));
      await writeConfigFile(file, `${JSON.stringify(Object.fromEntries(settings), undefined, "\t")}\n`);
    }
    return outcome;
  });
}

function sameEntries(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  return one.size === other.size && [...one].every(([key, entry]) => other.get(key) === entry);
}

/** The keys that mean the registry itself. */
function hostKeys(auths: ReadonlyMap<string, unknown>, host: string): string[] {
  return keysFor({ toString: () => host, registryStr: () => host }, auths.keys());
}
