import { homedir } from "node:os";
import { join } from "node:path";

/** The environment variables that say where credentials are. */
export interface CredentialEnvironment {
  readonly [name: string]: string | undefined;
}

/** Where configurations are looked for; every field may be left out. */
export interface ConfigPathOptions {
  /** A file that goes before all others, and must be there. */
  readonly authFile?: string | undefined;
  /** The environment. Default: `process.env`. */
  readonly env?: CredentialEnvironment | undefined;
  /** The user's directory. Default: `HOME` of the environment, or the system's answer. */
  readonly home?: string | undefined;
}

/** A file that may hold credentials. */
export interface ConfigPath {
  readonly path: string;
  /** Whether it is a failure if there is no such file. */
  readonly required: boolean;
}

/**
 * The files that credentials are looked for in, in this order: the one that the caller names; `REGISTRY_AUTH_FILE`; Docker's `config.json`, in
 * `DOCKER_CONFIG` or `~/.docker`; podman's `auth.json`, in `containers` below `XDG_RUNTIME_DIR` and then below `XDG_CONFIG_HOME` or `~/.config`.
 */
export function configPaths(options: ConfigPathOptions = {}): ConfigPath[] {
  const { authFile, env = process.env } = options;
  const { REGISTRY_AUTH_FILE, DOCKER_CONFIG, XDG_RUNTIME_DIR, XDG_CONFIG_HOME, HOME } =
    env as NodeJS.ProcessEnv;
  const home = options.home ?? (HOME || systemHome());
  const paths = [
    REGISTRY_AUTH_FILE || undefined,
    below(DOCKER_CONFIG || below(home, ".docker"), "config.json"),
    below(XDG_RUNTIME_DIR, "containers", "auth.json"),
    below(XDG_CONFIG_HOME || below(home, ".config"), "containers", "auth.json"),
  ];
  return [
    ...(authFile === undefined ? [] : [{ path: authFile, required: true }]),
    ...paths.flatMap((path) => (path === undefined ? [] : [{ path, required: false }])),
  ];
}

function below(directory: string | undefined, ...names: string[]): string | undefined {
  return directory ? join(directory, ...names) : undefined;
}

/** Undefined for a user whom the system does not know, as in some containers. */
function systemHome(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
