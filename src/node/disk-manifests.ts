import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ManifestStore, StoredManifest } from "../registry/index.js";
import { type Hash, newHash } from "../v1/index.js";
import type { DiskPaths } from "./disk-paths.js";
import type { DiskRepositories } from "./disk-repositories.js";
import { isThere, orAbsent, removeFile, writeWhole } from "./durable-file.js";
import { KeyedLock } from "./keyed-lock.js";

interface AboutManifest {
  readonly mediaType: string;
  readonly subject?: string;
}

interface TagFile {
  readonly tag: string;
  readonly digest: string;
}

/** The manifests and tags of a store on disk. */
export class DiskManifests implements ManifestStore {
  readonly #paths: DiskPaths;
  readonly #repositories: DiskRepositories;
  /** Changes of one repository are made one after the other: each is several files. */
  readonly #changes: KeyedLock = new KeyedLock();

  constructor(paths: DiskPaths, repositories: DiskRepositories) {
    this.#paths = paths;
    this.#repositories = repositories;
  }

  async get(repository: string, digest: Hash): Promise<StoredManifest | undefined> {
    const bytes = await orAbsent(readFile(this.#paths.manifest(repository, digest)));
    const about = await this.#about(repository, digest);
    return bytes === undefined || about === undefined ? undefined : { mediaType: about.mediaType, bytes };
  }

  has(repository: string, digest: Hash): Promise<boolean> {
    return isThere(this.#paths.manifest(repository, digest));
  }

  /** The manifest itself is written last, so that whatever is said about it is there when it is. */
  put(repository: string, digest: Hash, manifest: StoredManifest, subject?: Hash): Promise<void> {
    return this.#changes.run(repository, () => this.#put(repository, digest, manifest, subject));
  }

  async #put(
    repository: string,
    digest: Hash,
    manifest: StoredManifest,
    subject: Hash | undefined,
  ): Promise<void> {
    await this.#repositories.add(repository);
    if (subject !== undefined) await this.#write(this.#paths.referrer(repository, subject, digest), "");
    const about: AboutManifest = {
      mediaType: manifest.mediaType,
      ...(subject === undefined ? {} : { subject: String(subject) }),
    };
    await this.#write(this.#paths.aboutManifest(repository, digest), JSON.stringify(about));
    await this.#write(this.#paths.manifest(repository, digest), manifest.bytes);
  }

  delete(repository: string, digest: Hash): Promise<boolean> {
    return this.#changes.run(repository, () => this.#delete(repository, digest));
  }

  async #delete(repository: string, digest: Hash): Promise<boolean> {
    const about = await this.#about(repository, digest);
    if (!(await removeFile(this.#paths.manifest(repository, digest)))) return false;
    await removeFile(this.#paths.aboutManifest(repository, digest));
    if (about?.subject !== undefined) {
      await removeFile(this.#paths.referrer(repository, newHash(about.subject), digest));
    }
    for (const { tag, digest: tagged } of await this.#tagFiles(repository)) {
      if (tagged === String(digest)) await this.#untag(repository, tag);
    }
    return true;
  }

  tag(repository: string, tag: string, digest: Hash): Promise<void> {
    const content: TagFile = { tag, digest: String(digest) };
    return this.#changes.run(repository, () =>
      this.#write(this.#paths.tag(repository, tag), JSON.stringify(content)),
    );
  }

  async resolve(repository: string, tag: string): Promise<Hash | undefined> {
    const file = await readJson<TagFile>(this.#paths.tag(repository, tag));
    return file === undefined ? undefined : newHash(file.digest);
  }

  untag(repository: string, tag: string): Promise<boolean> {
    return this.#changes.run(repository, () => this.#untag(repository, tag));
  }

  #untag(repository: string, tag: string): Promise<boolean> {
    return removeFile(this.#paths.tag(repository, tag));
  }

  async tags(repository: string): Promise<readonly string[] | undefined> {
    if (!(await this.#repositories.has(repository))) return undefined;
    return (await this.#tagFiles(repository)).map(({ tag }) => tag);
  }

  async referrers(repository: string, subject: Hash): Promise<readonly Hash[]> {
    const names = (await orAbsent(readdir(this.#paths.referrers(repository, subject)))) ?? [];
    return names.map((name) => newHash(name.replace("-", ":")));
  }

  repositories(): Promise<readonly string[]> {
    return this.#repositories.names();
  }

  async #tagFiles(repository: string): Promise<TagFile[]> {
    const directory = this.#paths.tags(repository);
    const files: TagFile[] = [];
    for (const name of (await orAbsent(readdir(directory))) ?? []) {
      const file = await readJson<TagFile>(join(directory, name));
      if (file !== undefined) files.push(file);
    }
    return files;
  }

  #about(repository: string, digest: Hash): Promise<AboutManifest | undefined> {
    return readJson<AboutManifest>(this.#paths.aboutManifest(repository, digest));
  }

  #write(path: string, content: Uint8Array | string): Promise<void> {
    return writeWhole(path, content, this.#paths.uploads);
  }
}

/** Reads a file that this store wrote itself; undefined if it is not there. */
async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await orAbsent(readFile(path, "utf8"));
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
