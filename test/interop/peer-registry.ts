import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Authenticator, newBasic } from "../../src/authn/index.js";
import { newRepository, newTag, type Repository, type Tag } from "../../src/name/index.js";
import { Daemon, freePort, run } from "./processes.js";

/** The command as it is built. */
export const command: string = resolve(import.meta.dirname, "../../dist/varve.js");

const USER = "ada";
const PASSWORD = "difference";

/**
 * The user as htpasswd has it. Of its kinds docker-registry takes bcrypt alone, here at its least cost since every request pays it:
 *
 *     python3 -c 'import crypt; print(crypt.crypt("difference", crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))'
 */
const HTPASSWD = `${USER}:$2b$04$HzUCkjUQaspeMNECHjh/vOlkhtev9gYS2q8TpE9M6WfcIn7iSJ52q\n`;

export const kinds = [
  "docker-registry",
  "docker-registry with htpasswd",
  "varve serve",
  "varve serve with a user",
] as const;

export type Kind = (typeof kinds)[number];

/** Registries that others wrote. */
export const dockerRegistries: readonly Kind[] = ["docker-registry", "docker-registry with htpasswd"];

/** A registry in a process of its own, which keeps what it is given in a directory of its own. */
export class PeerRegistry {
  readonly kind: Kind;
  readonly host: string;
  /** Where the registry keeps everything. */
  readonly storage: string;
  readonly hasUser: boolean;
  readonly #directory: string;
  readonly #daemon: Daemon;

  private constructor(kind: Kind, directory: string, host: string) {
    this.kind = kind;
    this.host = host;
    this.hasUser = kind.includes(" with ");
    this.storage = join(directory, "storage");
    this.#directory = directory;
    this.#daemon = kind.startsWith("docker-registry")
      ? new Daemon("docker-registry", ["serve", join(directory, "registry.yml")])
      : this.#serve();
  }

  static async start(kind: Kind): Promise<PeerRegistry> {
    const directory = await mkdtemp(join(tmpdir(), "varve-interop-"));
    const host = `127.0.0.1:${await freePort()}`;
    const storage = join(directory, "storage");
    const htpasswd = join(directory, "htpasswd");
    await mkdir(storage);
    await writeFile(htpasswd, HTPASSWD);
    await writeFile(
      join(directory, "registry.yml"),
      [
        "version: 0.1",
        "log: {level: error}",
        `storage: {delete: {enabled: true}, filesystem: {rootdirectory: ${storage}}}`,
        `http: {addr: ${host}}`,
        ...(kind.endsWith("htpasswd") ? [`auth: {htpasswd: {realm: peers, path: ${htpasswd}}}`] : []),
      ].join("\n"),
    );
    const registry = new PeerRegistry(kind, directory, host);
    await registry.#daemon.answers(`http://${host}/v2/`);
    return registry;
  }

  get port(): number {
    return Number(this.host.split(":")[1]);
  }

  /** What calls of `varve/remote` are given. */
  get access(): { readonly auth?: Authenticator } {
    return this.hasUser ? { auth: newBasic(USER, PASSWORD) } : {};
  }

  /** A `fetch` that knows the user. */
  readonly fetch = (path: string, init: RequestInit = {}): Promise<Response> => {
    const authorization = `Basic ${btoa(`${USER}:${PASSWORD}`)}`;
    const headers = { ...init.headers, ...(this.hasUser ? { authorization } : {}) };
    return fetch(new URL(path, `http://${this.host}`), { ...init, headers });
  };

  /** The user as files of credentials have it, by the registry's host; nobody, if the registry has no user. */
  credentials(password: string = PASSWORD): Record<string, { readonly auth: string }> {
    return this.hasUser ? { [this.host]: { auth: btoa(`${USER}:${password}`) } } : {};
  }

  /** A file of credentials as `docker login` leaves it, with this password. */
  async authFile(password?: string): Promise<string> {
    const path = join(this.#directory, `${randomUUID()}.json`);
    await writeFile(path, JSON.stringify({ auths: this.credentials(password) }));
    return path;
  }

  /** The most memory that its process had resident so far, in MiB. */
  peakMemory(): Promise<number> {
    return this.#daemon.peakMemory();
  }

  repository(name: string): Repository {
    return newRepository(`${this.host}/${name}`);
  }

  tag(name: string): Tag {
    return newTag(`${this.host}/${name}`);
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #serve(): Daemon {
    const user = this.hasUser ? ["--username", USER, "--password-stdin"] : [];
    return new Daemon(
      process.execPath,
      [command, "serve", "--address", this.host, "--disk", this.storage, ...user],
      PASSWORD,
    );
  }
}

/** `skopeo copy`, between such registries and whatever else it knows. */
export async function skopeoCopy(
  registries: readonly PeerRegistry[],
  ...args: readonly string[]
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "varve-interop-"));
  const authFile = join(directory, "auth.json");
  const auths = Object.assign({}, ...registries.map((registry) => registry.credentials()));
  await writeFile(authFile, JSON.stringify({ auths }));
  try {
    await run("skopeo", [
      "copy",
      "--insecure-policy",
      "--src-tls-verify=false",
      "--dest-tls-verify=false",
      `--authfile=${authFile}`,
      ...args,
    ]);
  } finally {
    await rm(directory, { recursive: true });
  }
}
