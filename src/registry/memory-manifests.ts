import { type Hash, newHash } from "../v1/index.js";
import type { MemoryBudget } from "./memory-budget.js";
import type { MemoryRepositories } from "./memory-repositories.js";
import type { ManifestStore, StoredManifest } from "./storage.js";

/** The manifests and tags of a memory store. */
export class MemoryManifests implements ManifestStore {
  readonly #repositories: MemoryRepositories;
  readonly #budget: MemoryBudget;

  constructor(repositories: MemoryRepositories, budget: MemoryBudget) {
    this.#repositories = repositories;
    this.#budget = budget;
  }

  async get(repository: string, digest: Hash): Promise<StoredManifest | undefined> {
    return this.#repositories.find(repository)?.manifests.get(String(digest));
  }

  async has(repository: string, digest: Hash): Promise<boolean> {
    return this.#repositories.find(repository)?.manifests.has(String(digest)) ?? false;
  }

  async put(repository: string, digest: Hash, manifest: StoredManifest, subject?: Hash): Promise<void> {
    const { manifests } = this.#repositories.findOrAdd(repository);
    const key = String(digest);
    const held = manifests.get(key);
    // The same bytes may come again under another media type.
    this.#budget.take(costOf(manifest) - costOf(held));
    if (held === undefined) {
      try {
        this.#repositories.takeEntry();
      } catch (error) {
        this.#budget.give(costOf(manifest));
        throw error;
      }
    }
    manifests.set(key, { ...manifest, subject: subject?.toString() });
  }

  async delete(repository: string, digest: Hash): Promise<boolean> {
    const { manifests, tags } = this.#repositories.find(repository) ?? {};
    const key = String(digest);
    const manifest = manifests?.get(key);
    if (manifest === undefined) return false;
    manifests?.delete(key);
    this.#budget.give(costOf(manifest));
    this.#repositories.giveEntry();
    for (const [tag, tagged] of tags ?? []) {
      if (tagged === key) await this.untag(repository, tag);
    }
    return true;
  }

  async tag(repository: string, tag: string, digest: Hash): Promise<void> {
    const { tags } = this.#repositories.findOrAdd(repository);
    if (!tags.has(tag)) this.#repositories.takeEntry();
    tags.set(tag, String(digest));
  }

  async resolve(repository: string, tag: string): Promise<Hash | undefined> {
    const digest = this.#repositories.find(repository)?.tags.get(tag);
    return digest === undefined ? undefined : newHash(digest);
  }

  async untag(repository: string, tag: string): Promise<boolean> {
    const existed = this.#repositories.find(repository)?.tags.delete(tag) ?? false;
    if (existed) this.#repositories.giveEntry();
    return existed;
  }

  async tags(repository: string): Promise<readonly string[] | undefined> {
    const tags = this.#repositories.find(repository)?.tags;
    return tags === undefined ? undefined : [...tags.keys()];
  }

  async referrers(repository: string, subject: Hash): Promise<readonly Hash[]> {
    const manifests = this.#repositories.find(repository)?.manifests ?? new Map<string, never>();
    const wanted = String(subject);
    return [...manifests].filter(([, manifest]) => manifest.subject === wanted).map(([key]) => newHash(key));
  }

  async repositories(): Promise<readonly string[]> {
    return this.#repositories.names();
  }
}

/** A media type is whatever the client sends, and may be longer than what it is said of. */
function costOf(manifest: StoredManifest | undefined): number {
  return manifest === undefined ? 0 : manifest.bytes.length + manifest.mediaType.length;
}
