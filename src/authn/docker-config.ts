import { AuthConfigError } from "./auth-config-error.js";
import { readable } from "./source.js";

/** What Docker's `config.json` and podman's `auth.json` say about credentials. */
export interface DockerConfig {
  /** The entries by registry or repository, each as it was parsed from JSON; one is looked at when it is used. */
  readonly auths: ReadonlyMap<string, unknown>;
  /** The name of the helper for each registry. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** The name of the helper for all other registries; undefined or empty if there is none. */
  readonly credsStore: string | undefined;
}

/**
 * Reads the text of Docker's `config.json` or podman's `auth.json`. An empty text is an empty configuration, as is `{}`; settings that are
 * about something else are passed over.
 *
 * @param source what it is called in messages, such as the file's path
 * @throws {AuthConfigError} if it is not JSON, or a setting about credentials is of the wrong form
 */
export function parseDockerConfig(text: string, source: string): DockerConfig {
  const settings = parseSettings(text, source);
  const where = readable(source);
  const credHelpers = new Map<string, string>();
  for (const [registry, helper] of entriesOf(settings.get("credHelpers"), "credHelpers", where)) {
    if (typeof helper !== "string") {
      throw new AuthConfigError(`${where}: credHelpers has something else than names; correct the file`);
    }
    credHelpers.set(registry, helper);
  }
  const credsStore = settings.get("credsStore") ?? undefined;
  if (credsStore !== undefined && typeof credsStore !== "string") {
    throw new AuthConfigError(`${where}: credsStore is not a string; correct the file`);
  }
  return { auths: entriesOf(settings.get("auths"), "auths", where), credHelpers, credsStore };
}

/**
 * The settings of a configuration's text by name, all of them, in their order.
 *
 * @throws {AuthConfigError} if it is not a JSON object
 */
export function parseSettings(text: string, source: string): Map<string, unknown> {
  const where = readable(source);
  if (text.trim() === "") {
    return new Map();
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    // The engine's message may quote what stands around the fault, which can be a password.
    const [, position] = /at position (\d+)/.exec(String(error)) ?? [];
    const at = position === undefined ? "" : `, at character ${position}`;
    throw new AuthConfigError(
      `${where} is not valid JSON${at}; correct the file, or remove it and log in again`,
    );
  }
  return entriesOf(parsed, "the whole of it", where);
}

/** The own properties of a value that is an object or absent. */
function entriesOf(value: unknown, what: string, where: string): Map<string, unknown> {
  const present = value ?? {};
  if (typeof present !== "object" || Array.isArray(present)) {
    throw new AuthConfigError(`${where}: ${what} is not a JSON object; correct the file`);
  }
  return new Map(Object.entries(present));
}
